"""The default person detector: a .tflite file, its sidecar and its NOTICE.

Nothing to import here; the package exists so that the files are installed.
"""
