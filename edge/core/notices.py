"""Everything the box says about itself, in one table: what happened, why such a thing happens, what to do about it.

``NOTICE.fact(camera="door", ...)`` makes one of them to tell. ``systemd/acm.catalog`` is made from this table by
``tools/make_catalog.py``, so that ``journalctl -x`` explains each. An id is never changed or used again.
"""

from __future__ import annotations

from edge.core.notice import Notice, Priority

ERROR, WARNING, NOTICE, INFO = Priority.ERROR, Priority.WARNING, Priority.NOTICE, Priority.INFO
# The same about the same thing is not said more often than this.
TEN_MINUTES_S, HOUR_S, DAY_S = 600.0, 3600.0, 86400.0

# Counting

CROSSING = Notice(
    "crossing", "0cbcd1c743a0467e9c08b0c1263a51b7", INFO,
    "Somebody went {direction} at {line}.",
    "A person crossed the line {line} of the camera {camera} and was counted.",
    "Nothing to do. ACM_LATENCY_MS is the time from the foot on the line to the first sound.",
)  # fmt: skip
NIGHT_BEGUN = Notice(
    "night-begun", "28005d779ea24134a10b413aff5c3143", INFO,
    "It is night for the camera {camera}: infra-red light on.",
    "The camera needs more light than there is, so filter and lamp were switched for the night.",
    "Nothing to do. If it happens by day, something covers the lens or the shop is too dark for this camera.",
    TEN_MINUTES_S,
)  # fmt: skip
DAY_BEGUN = Notice(
    "day-begun", "cfe7ca56a99e4144ac3bb35bfd2c5208", INFO,
    "It is day for the camera {camera}: infra-red light off.",
    "There is light enough without the lamp.",
    "Nothing to do.",
    TEN_MINUTES_S,
)  # fmt: skip
WRONG_MOUNT = Notice(
    "wrong-mount", "ded0ee4464db42f99511a2657b612fcd", WARNING,
    "The camera {camera} does not look like the mount {mount} it is set to.",
    "People look different from straight above and from the side, and each needs its own way of seeing. What this "
    "camera sees fits the other one, so it will miss people.",
    'Set mount = "{likely}" for the camera {camera} in /etc/acm/acm.toml, or mount the camera differently, then: '
    "systemctl reload acm.",
    DAY_S,
)  # fmt: skip

# Cameras

CAMERA_LOST = Notice(
    "camera-lost", "db97ac9cc1184414b7b8ed72ce0cbc19", ERROR,
    "The camera {camera} is lost: {reason}",
    "The camera was unplugged, has no power or network, has crashed, or another program is using it. It is tried "
    "again by itself; nothing is counted at it until it is back. Other cameras are not affected.",
    "Check its plug, cable, power and network; acm doctor tries it and tells more.",
    TEN_MINUTES_S,
)  # fmt: skip
CAMERA_BACK = Notice(
    "camera-back", "89f196c96a4042c8a2620b9ea0152bc5", NOTICE,
    "The camera {camera} is back after {lost_s:.0f} s.",
    "It gives pictures again.",
    "Nothing to do. If it comes and goes, its cable, power supply or network is bad.",
    TEN_MINUTES_S,
)  # fmt: skip
CAMERA_SLOW = Notice(
    "camera-slow", "71461c71a4944389ac39512bcf674ef1", WARNING,
    "The camera {camera} gives {fps:.1f} pictures a second where {wanted_fps:.1f} are wanted.",
    "The camera slows down in the dark, the network is too slow for the stream, or the processor is busy or hot. "
    "Below 5 pictures a second people who run are missed.",
    "Give more light, a smaller picture or another cable; acm status shows where the time goes.",
    HOUR_S,
)  # fmt: skip

# Sound, relays and light

SPEAKER_LOST = Notice(
    "speaker-lost", "2df20babd2c0403099a68871c16a29d5", WARNING,
    "There is no sound: {reason}",
    "The sound card was unplugged, is not the one named in the settings, or another program has it. Counting goes "
    "on without the chime; the card is tried again by itself.",
    "Check the speaker's plug; aplay -L lists the cards, and device in [sound] of /etc/acm/acm.toml names one.",
    TEN_MINUTES_S,
)  # fmt: skip
SPEAKER_BACK = Notice(
    "speaker-back", "6a5dac86099a42418f6ff8e70101ac0f", NOTICE,
    "There is sound again after {lost_s:.0f} s.",
    "The sound card is back.",
    "Nothing to do.",
    TEN_MINUTES_S,
)  # fmt: skip
SOUND_UNUSABLE = Notice(
    "sound-unusable", "a41f67c1159041fbb50c0db92a2792ff", WARNING,
    "The sound {file} cannot be played: {reason}",
    "The file is missing, or is no WAV, OGG or MP3 this box can play.",
    "Put the file in its place or name another one in /etc/acm/acm.toml; acm chime --test plays it.",
    HOUR_S,
)  # fmt: skip
DISPLAY_LOST = Notice(
    "display-lost", "3c30a3e8299e43ee89ca6c54058363b1", WARNING,
    "There is no screen: {reason}",
    "The screen was unplugged or switched off, or another program has it. Counting goes on without it; it is tried "
    "again by itself.",
    "Check its plug and power; enabled in [display] of /etc/acm/acm.toml says whether one is wanted.",
    TEN_MINUTES_S,
)  # fmt: skip
DISPLAY_BACK = Notice(
    "display-back", "0ce9c46bb1cf4fda8e47bcfe6156ec22", NOTICE,
    "The screen is back after {lost_s:.0f} s.",
    "It was plugged in or switched on again.",
    "Nothing to do.",
    TEN_MINUTES_S,
)  # fmt: skip
RELAY_FAULT = Notice(
    "relay-fault", "2d944354da9840edb114ff04ed23ca0d", ERROR,
    "The relay {relay} cannot be switched: {reason}",
    "Its pin is used by another program, does not exist on this board, or this program may not use it.",
    "Check the pin in /etc/acm/acm.toml and that the user acm is in the group gpio; acm doctor tries each relay.",
    TEN_MINUTES_S,
)  # fmt: skip
RELAY_BACK = Notice(
    "relay-back", "c4a117ec43be4f8992bf64f7e12bfd40", NOTICE,
    "The relay {relay} can be switched again.",
    "What held its pin let go of it.",
    "Nothing to do.",
    TEN_MINUTES_S,
)  # fmt: skip
RELAY_LIMITED = Notice(
    "relay-limited", "9d0c371a2f3d4539ab801396e839702f", WARNING,
    "The relay {relay} was switched to its safe state after {on_s:.0f} s, the longest it may be on.",
    "A rule switched it on and nothing switched it off in time, so its limit did.",
    "Look at the rules that switch it; raise its limit in /etc/acm/acm.toml only if the wiring bears it.",
    HOUR_S,
)  # fmt: skip
INPUT_CHANGED = Notice(
    "input-changed", "9cbe75d662104e938417adddf6eaecc6", INFO,
    "The input {input} is now {state}.",
    "A button was pressed, or a contact opened or closed.",
    "Nothing to do.",
)  # fmt: skip
INPUT_FAULT = Notice(
    "input-fault", "7c1f79363f214afbbd6edb7de44c6b04", ERROR,
    "The input {input} cannot be read: {reason}",
    "Its pin is used by another program, does not exist on this board, or this program may not use it.",
    "Check the pin in /etc/acm/acm.toml and that the user acm is in the group gpio; acm doctor tries each input.",
    HOUR_S,
)  # fmt: skip
TAMPERED = Notice(
    "tampered", "634f655a4ff54721a6ea44eff1f6e883", WARNING,
    "The tamper contact {input} says the case was opened.",
    "Somebody opened the case, or the contact's wire is broken.",
    "Look at the box.",
)  # fmt: skip
LAMP_FAULT = Notice(
    "lamp-fault", "a44379b5ebb94258ae765078705c0f2a", WARNING,
    "The infra-red light of the camera {camera} cannot be switched: {reason}",
    "A pin of the lamp or the filter is used by another program or does not exist on this board.",
    "Check [infrared] in /etc/acm/acm.toml. Until then nights are dark for this camera.",
    TEN_MINUTES_S,
)  # fmt: skip
RULE_FAULT = Notice(
    "rule-fault", "04d13677a6504157aedeceeb0fea7abc", WARNING,
    "The rule {rule} could not do all it should: {reason}",
    "Something the rule uses (a relay, a sound) does not work at the moment.",
    "Look for the notice of that part just before this one.",
    TEN_MINUTES_S,
)  # fmt: skip

# Records

DATABASE_FULL = Notice(
    "database-full", "6496311c959b45caae08b0c2f0d4613c", ERROR,
    "Records cannot be written: the disk of {file} is full.",
    "Something fills the card. What was recorded before is safe; new crossings are kept in memory while there is "
    "room, and are lost at a power cut.",
    "Make room: journalctl --vacuum-size=20M, apt clean; df -h shows where it went. Writing is tried again by itself.",
    TEN_MINUTES_S,
)  # fmt: skip
DATABASE_READ_ONLY = Notice(
    "database-read-only", "b27ceb6441974f0ab9f987ff483b6284", ERROR,
    "Records cannot be written: {file} is on a disk that may only be read.",
    "A card that is worn out or pulled from its socket is made read-only by the system, to save what is on it.",
    "dmesg tells why. Restart the box; if it happens again, replace the card. Counting and the chime go on.",
    TEN_MINUTES_S,
)  # fmt: skip
DATABASE_CORRUPT = Notice(
    "database-corrupt", "f2f3a2c367fc4f6ab26e07eeee9fb612", ERROR,
    "The records in {file} are damaged ({reason}); they were set aside as {aside} and new ones begun.",
    "A card that is worn out, or lies about what it has written at a power cut.",
    "Keep {aside}: the last night's copy beside it may hold what is missing (acm db rebuild). Replace the card.",
)  # fmt: skip
DATABASE_LOCKED = Notice(
    "database-locked", "6e29c4e0a8bd4868abaa93cc9e19322a", WARNING,
    "Records wait: another program holds {file}.",
    "A copy or an inspection of the database is running, or a second acm run was started by hand.",
    "End that program: fuser -v {file} names it. Nothing is lost while there is memory for what waits.",
    TEN_MINUTES_S,
)  # fmt: skip
DATABASE_FAULT = Notice(
    "database-fault", "0b50a3b907b74304b273ebb761a7e8c2", ERROR,
    "Records cannot be written to {file}: {reason}",
    "The card or the database does not do what it should.",
    "acm db check looks it over; dmesg tells of faults of the card. Counting and the chime go on.",
    TEN_MINUTES_S,
)  # fmt: skip
DATABASE_BACK = Notice(
    "database-back", "307231b43ca24baea8ed9c14ad273feb", NOTICE,
    "Records are written again; {waiting} that waited are safe now.",
    "What kept them from being written is over.",
    "Nothing to do.",
)  # fmt: skip
DATABASE_NEWER = Notice(
    "database-newer", "01f5a4d03c3543bf99f3283f866a0ca8", ERROR,
    "The records in {file} were written by a newer version (schema {found}, this one knows {known}).",
    "An older version was installed over a newer one. It does not touch what it does not understand.",
    "Install the newer version again, or move the file away to begin anew.",
    HOUR_S,
)  # fmt: skip
DATABASE_MIGRATED = Notice(
    "database-migrated", "b674c2adeb2045808319d1bb25e27ead", NOTICE,
    "The records in {file} were brought from schema {found} to {known}.",
    "A new version keeps its records differently.",
    "Nothing to do.",
)  # fmt: skip
RECORDS_DROPPED = Notice(
    "records-dropped", "81357519c6e04389931b886fb0472171", ERROR,
    "{dropped} records were lost: they could not be written for too long.",
    "Writing was impossible (see the notices before) until memory for what waited was used up.",
    "Mend what keeps records from being written.",
    TEN_MINUTES_S,
)  # fmt: skip
BACKUP_MADE = Notice(
    "backup-made", "04d2ab519b124d78ab594128506b9d0d", INFO,
    "A copy of the records was made: {file}.",
    "It is made every night, to have something to go back to.",
    "Nothing to do.",
)  # fmt: skip
BACKUP_FAILED = Notice(
    "backup-failed", "fef4cf1734e241fc8bcbaaf8b8b6a5c2", WARNING,
    "The nightly copy of the records could not be made: {reason}",
    "There is no room on the disk for a second one, or the card does not work.",
    "Make room (df -h), then: acm db backup.",
    HOUR_S,
)  # fmt: skip
RECORDS_RESTORED = Notice(
    "records-restored", "dbb4768a91284839822deb134281fd6d", NOTICE,
    "A copy was put in the place of the records; those of before are kept as {before}.",
    "Somebody asked for it on the panel, or a restore that a power cut had interrupted was finished.",
    "Nothing to do. When all is well, the file of before can be deleted to make room.",
)  # fmt: skip
RESTORE_REFUSED = Notice(
    "restore-refused", "b3cb50d815314a4a9e74b0309db2725b", WARNING,
    "The copy was not put in the place of the records: {reason}",
    "It is damaged or from a newer version, there is no room for it, or something else writes the records. They are as "
    "they were.",
    "See to what is said, then ask for it again on the panel.",
)  # fmt: skip

# Time

CLOCK_UNSET = Notice(
    "clock-unset", "7c246e4c4800473aba4df2e0b0255eb7", WARNING,
    "The time of day is not known yet; what happens is recorded by the time since start.",
    "This computer has no clock that runs without power, and has not reached a time server since it was started.",
    "Give it network, or a clock module. Records are given their right times as soon as the time is known.",
    DAY_S,
)  # fmt: skip
CLOCK_SYNCED = Notice(
    "clock-synced", "c4451db5b512482f94261ea2bd1c95a1", NOTICE,
    "The time of day is known; {restamped} records were given their right times.",
    "A time server was reached.",
    "Nothing to do.",
)  # fmt: skip
CLOCK_STEPPED = Notice(
    "clock-stepped", "54cc87edede749d092db163e24cb614b", NOTICE,
    "The time of day jumped by {step_s:+.0f} s.",
    "A time server corrected the clock, or somebody set it.",
    "Nothing to do; records before and after are in order. If it happens daily, the box cannot reach its time server.",
)  # fmt: skip
CLOCK_UNCHECKED = Notice(
    "clock-unchecked", "ccc54041237f498fbb54476ac6f9d95b", WARNING,
    "The time of day was not compared with a time server for {unchecked_s:.0f} s.",
    "There is no network, or the time server does not answer. The clock goes wrong by about a second a day.",
    "Give the box network: timedatectl timesync-status tells more.",
    DAY_S,
)  # fmt: skip

# The machine

UNDERVOLTAGE = Notice(
    "undervoltage", "df9db15501a541a0852a0cbefae6a2f0", WARNING,
    "The power supply is too weak: less than 4.63 V.",
    "The power supply or its cable cannot give what board and devices take. The processor is slowed down, and cards "
    "are damaged by it.",
    "Use the board's own power supply with a short, thick cable; power speaker and relays from another one.",
    HOUR_S,
)  # fmt: skip
POWER_GOOD = Notice(
    "power-good", "cf6bfbeb92ba4578bfb8214cf3ce40ae", NOTICE,
    "The power supply is good again.",
    "It gives enough at the moment.",
    "If it comes and goes, replace power supply and cable.",
    HOUR_S,
)  # fmt: skip
HOT = Notice(
    "hot", "5dd5f8174355472da31a496a25123d7c", WARNING,
    "The processor has {celsius:.0f} degrees; fewer pictures are looked at until it has cooled down.",
    "The box stands in the sun or in a closed case, or its fan does not turn.",
    "Give it air. Counting goes on at {part:.0%} of the pictures.",
    HOUR_S,
)  # fmt: skip
COOL = Notice(
    "cool", "ab4f2ce28ab643fd8fcf382b220c2df1", NOTICE,
    "The processor has cooled down to {celsius:.0f} degrees; all pictures are looked at again.",
    "It has.",
    "Nothing to do.",
    HOUR_S,
)  # fmt: skip
THROTTLED = Notice(
    "throttled", "bb69c9cc16b44ae085a2130c4aed013e", WARNING,
    "The board slows its processor down by itself ({reason}).",
    "It is too hot or its power supply too weak, and it protects itself.",
    "Give it air, or a better power supply; acm status shows how many pictures a second are left.",
    HOUR_S,
)  # fmt: skip
DISK_LOW = Notice(
    "disk-low", "7d3647124f23473dacedd3c82ec220cf", WARNING,
    "There are only {free_mb:.0f} MB free at {file}.",
    "Something fills the card: journals, copies, recordings, packages.",
    "Make room: journalctl --vacuum-size=20M, apt clean; df -h shows where it went.",
    DAY_S,
)  # fmt: skip
DISK_GOOD = Notice(
    "disk-good", "cae44ca96c254f31b8a88f13e1995da9", NOTICE,
    "There is room again at {file}: {free_mb:.0f} MB.",
    "Something was deleted.",
    "Nothing to do.",
    HOUR_S,
)  # fmt: skip
CARD_WRITTEN = Notice(
    "card-written", "df584631c7ef438186935d3b982ce144", WARNING,
    "This program wrote {written_mb:.0f} MB to the card within a day, more than the {limit_mb:.0f} MB it should.",
    "Cards wear out by being written. A day of counting needs about 20 MB, recording of pictures far more.",
    "If recording is on, let it write to another disk; otherwise send acm doctor --bundle to whoever looks after it.",
    DAY_S,
)  # fmt: skip
CARD_WORN = Notice(
    "card-worn", "833cb23a186446648b206cdab4265c44", WARNING,
    "The card says that {worn:.0%} of its life is over.",
    "Every card wears out by being written.",
    "Replace it soon; the records are copied with acm db backup.",
    DAY_S,
)  # fmt: skip
MEMORY_LOW = Notice(
    "memory-low", "4c346f0caec347519aab5716478fcaa7", WARNING,
    "Only {free_mb:.0f} MB of memory are left on this machine.",
    "Another program takes it, or there are more cameras than this board bears.",
    "ps --sort=-rss aux shows who takes it.",
    HOUR_S,
)  # fmt: skip

# The program

STARTING = Notice(
    "starting", "1b19411691fe420c8a87a3f209e958bc", INFO,
    "Version {version} is starting.",
    "The box was switched on, or the service was started.",
    "Nothing to do.",
)  # fmt: skip
STARTED = Notice(
    "started", "c9ab34bf619045689abfa595d7992dc5", NOTICE,
    "Counting has started; cameras: {cameras}, lost: {lost}.",
    "The first picture was looked at, or the camera is declared lost and is tried again.",
    "Nothing to do.",
)  # fmt: skip
STOPPING = Notice(
    "stopping", "f56ec9fbdd144d229e7387adeb1e6b69", NOTICE,
    "Stopping: {reason}.",
    "Somebody stopped the service, or the box is being switched off.",
    "Nothing to do.",
)  # fmt: skip
STOPPED = Notice(
    "stopped", "6ac7c91472c440779821b19cb78bf955", INFO,
    "Stopped.",
    "All that was recorded is on the disk.",
    "Nothing to do.",
)  # fmt: skip
STOPPED_LATE = Notice(
    "stopped-late", "bd086395e4b14d2e8571fd694b3cdc98", WARNING,
    "{services} did not stop in time and were left behind.",
    "A device did not answer.",
    "If it happens again, look at the device that belongs to it.",
)  # fmt: skip
UNCLEAN_STOP = Notice(
    "unclean-stop", "a2fccf35c2e44af58687675cf3d54ee0", WARNING,
    "The last run ended without being stopped.",
    "The power was cut, the box crashed, or the service was killed. What was recorded before is checked now.",
    "Nothing to do. If it happens often, switch the box off with its button or from the panel.",
)  # fmt: skip
SERVICE_WEDGED = Notice(
    "service-wedged", "b3ecabee2fec4901ba3347213a1a0cc8", ERROR,
    "{service} has made no progress for {silent_s:.0f} s; the whole program will be restarted.",
    "A device or its driver does not answer and cannot be interrupted.",
    "If it happens again, look at the device that belongs to it and keep acm doctor --bundle.",
    TEN_MINUTES_S,
)  # fmt: skip
SERVICE_RESTARTED = Notice(
    "service-restarted", "991005836bbb4a4ca8e8cd7e57989a7c", ERROR,
    "{service} failed and was started again: {reason}",
    "A fault in this program or in a library it uses.",
    "Send acm doctor --bundle to whoever looks after this box.",
    TEN_MINUTES_S,
)  # fmt: skip
INBOX_OVERFLOW = Notice(
    "inbox-overflow", "ab4a445f67234ba4b665dd49cf28aac6", WARNING,
    "{service} could not keep up: {dropped} messages were dropped.",
    "The card or a device is slower than what happens in the shop.",
    "acm status shows how busy each part is.",
    TEN_MINUTES_S,
)  # fmt: skip
CONFIG_RELOADED = Notice(
    "config-reloaded", "dc2fe22b296347b7923f912946109a1d", NOTICE,
    "The settings were read again: {changed}.",
    "Somebody asked for it (systemctl reload acm, acm reload or the panel).",
    "Nothing to do.",
)  # fmt: skip
CONFIG_REFUSED = Notice(
    "config-refused", "4e5dbe60200e41c895689e8f0a9e88e8", ERROR,
    "The changed settings are not used: {reason}",
    "There is a mistake in the settings file. What was in force before stays in force.",
    "acm check tells every mistake with its line; mend them, then: systemctl reload acm.",
)  # fmt: skip
CONFIG_WAITS = Notice(
    "config-waits", "48bd8e53d5ac48d8911e225f3c89f415", WARNING,
    "These changed settings wait for a restart: {changed}.",
    "They belong to a device that is open, or to the records.",
    "systemctl restart acm, when nobody is at the door.",
)  # fmt: skip
CONTROL_USED = Notice(
    "control-used", "71508f5371e74fe2ad3c2809a5e81981", NOTICE,
    "{verb} was asked for through the control socket by user {uid}, process {pid}.",
    "Somebody in the group acm used acm or the panel.",
    "Nothing to do.",
)  # fmt: skip
CONTROL_FAULT = Notice(
    "control-fault", "9125a46a31f24c028148335ae9645c49", WARNING,
    "There is no control socket at {file}: {reason}",
    "The folder cannot be written, or another acm run has it. acm status and the panel cannot reach this one.",
    "End the other one, or restart with systemctl restart acm.",
    TEN_MINUTES_S,
)  # fmt: skip
CONTROL_VERB_FAILED = Notice(
    "control-verb-failed", "1e07c799b3d145e68f115d38bf0388a4", WARNING,
    "{verb}, asked for through the control socket, failed: {reason}",
    "A fault in this program.",
    "Send acm doctor --bundle to whoever looks after this box.",
    TEN_MINUTES_S,
)  # fmt: skip
NOTICES_HELD_BACK = Notice(
    "notices-held-back", "2b0be6d8de6e4584a0ff82d0c465f2c9", INFO,
    "{count} more like this within {window_s:.0f} s: {text}",
    "The same thing happened again and again. It is said once and then counted, to spare the card.",
    "See the notice itself (journalctl ACM_EVENT={about} -x).",
)  # fmt: skip

# Sending to the hub

SENDING_FAILED = Notice(
    "sending-failed", "41dc64c2b1f64621bcb1af7b72dc5548", WARNING,
    "Nothing has reached the hub for {for_s:.0f} s: {reason}",
    "The network, the hub or something between them does not do what it should. Counting goes on, everything is kept "
    "here, and it is tried again by itself.",
    "Check the network of this box; acm doctor tries the hub and tells more.",
    HOUR_S,
)  # fmt: skip
SENDING_BACK = Notice(
    "sending-back", "82349d3255e24e26a38a783f9985f135", NOTICE,
    "The hub is reached again after {for_s:.0f} s; {waiting} rows are on their way.",
    "The network or the hub works again.",
    "Nothing to do.",
    HOUR_S,
)  # fmt: skip
SENDING_REFUSED = Notice(
    "sending-refused", "3d9c9a9366ed4f0c8732b1cde94f84c2", ERROR,
    "The hub takes nothing from this box: {reason}",
    "It was revoked there, or was never enrolled, or another box has its place. Counting goes on and everything is "
    "kept here; the hub is asked again every hour.",
    "Have the hub's owner give a code (acm hub device claim), then: acm enrol CODE.",
    DAY_S,
)  # fmt: skip
ROWS_SET_ASIDE = Notice(
    "rows-set-aside", "0bd05a0fab384d3298eec7bb55f4f6cf", WARNING,
    "{rows} rows were set aside, the first is {seq}: {reason}",
    "The hub does not take them as they are. They stay in the records here and keep none of the others from being "
    "sent.",
    "acm doctor lists them; send acm doctor --bundle to whoever looks after this box.",
    TEN_MINUTES_S,
)  # fmt: skip
SENDING_WENT_BACK = Notice(
    "sending-went-back", "b0352847c075462793331936f88026fa", WARNING,
    "The hub has rows up to {cursor} only, not up to {sent}: what is missing there is sent again.",
    "The hub was put back to an older copy of its records, or is another one.",
    "Nothing to do.",
)  # fmt: skip
RECORDS_ARE_OLD_COPY = Notice(
    "records-are-old-copy", "6482bdcca6f8488ba6e7f5ddf1a4dcc7", WARNING,
    "The hub knows rows of these records that are not in them: what is counted from now on goes by the name {epoch}.",
    "The records here were put back to an older copy. What was counted after it was made is lost here, and kept by the "
    "hub. The name keeps new rows from being taken for those.",
    "Nothing to do.",
)  # fmt: skip
ROWS_HELD = Notice(
    "rows-held", "8a1defa6caf14888a333ec4fd085ab75", WARNING,
    "{held} rows are older than they should be and stay, since the hub has not got them.",
    "Nothing was sent for longer than rows are kept for. The disk fills slowly while that goes on.",
    "Mend the way to the hub (acm doctor), or switch sending off: enabled in [upstream] of /etc/acm/acm.toml.",
    DAY_S,
)  # fmt: skip
ENROLLED = Notice(
    "enrolled", "68c76a244ea7485cb505900347edcf70", NOTICE,
    "This box is known to the hub as {device}, of the site {site}.",
    "It was enrolled with a code.",
    "Nothing to do.",
)  # fmt: skip

# The broker

BROKER_LOST = Notice(
    "broker-lost", "1f8883db964943cda6e1f2614c6a141e", WARNING,
    "Live figures reach no broker: {reason}",
    "The network or the MQTT broker is away, or does not let this box in. Counting goes on; it is tried again by "
    "itself, and only the latest figures are told then.",
    "Check that the broker runs, and host, port, user and password in [mqtt] of /etc/acm/acm.toml.",
    HOUR_S,
)  # fmt: skip
BROKER_BACK = Notice(
    "broker-back", "a83f1cedaab541e986dd2c857c2fe67e", NOTICE,
    "Live figures reach the broker again after {for_s:.0f} s.",
    "The network or the broker works again.",
    "Nothing to do.",
    HOUR_S,
)  # fmt: skip
BROKER_DENIES = Notice(
    "broker-denies", "535138cc5d5642c387cce20fdbe66289", WARNING,
    "The broker does not allow this box the topic {file}: {reason}",
    "The rights of the user this box signs in as do not cover it.",
    "Give that user the right to read and write under topic, and to write under discovery, of [mqtt] in "
    "/etc/acm/acm.toml.",
    HOUR_S,
)  # fmt: skip
COMMAND_TAKEN = Notice(
    "command-taken", "9fd6dd35650a4270818b52792f589f56", NOTICE,
    "{verb} was done as the broker asked for: {turn}.",
    "Somebody used Home Assistant, or another program at the MQTT broker.",
    "Nothing to do. What may be asked for stands in commands of [mqtt] in /etc/acm/acm.toml.",
    60.0,
)  # fmt: skip
COMMAND_REFUSED = Notice(
    "command-refused", "d79f93693ec749be8e2b047819938768", WARNING,
    "{verb}, asked for through the broker, was refused: {reason}",
    "Somebody or some program at the MQTT broker asked for what this box does not do from outside.",
    "If it is meant to be done, add it to commands of [mqtt] in /etc/acm/acm.toml and restart; else see who asks.",
    HOUR_S,
)  # fmt: skip

# Upgrades

UPGRADE_TAKEN = Notice(
    "upgrade-taken", "58aa379dfd71472cb512fb40e10f4b0e", NOTICE,
    "Version {version} is in use; {before} is kept beside it.",
    "The package was upgraded, and the new version looks at pictures as the one before did.",
    "Nothing to do.",
)  # fmt: skip
UPGRADE_TAKEN_BACK = Notice(
    "upgrade-taken-back", "22e6521c73974ac3afa70c4b4e5e5470", ERROR,
    "Version {version} was taken back, and {before} is in use again: {reason}",
    "After an upgrade the new version did not get as far as looking at pictures, so this box went back to the one "
    "before by itself. Records and settings are as they were.",
    "Leave it as it is until the next version; journalctl -u acm tells what the new one said, and acm doctor "
    "--bundle packs it for whoever helps.",
)  # fmt: skip
UPDATE_WAITS = Notice(
    "update-waits", "70811672a5924a1491ee727ee7c08798", INFO,
    "Version {version} waits to be installed: {reason}",
    "An update was handed over. While the shop may be open nothing is installed.",
    "Nothing to do; acm update --apply FILE --now does not wait.",
)  # fmt: skip
UPDATE_REFUSED = Notice(
    "update-refused", "0d6da6f473f94804a63686918a8d0371", ERROR,
    "The update that was waiting is not installed: {reason}",
    "It is not what its maker signed, is not for this box, or could not be installed. It was thrown away.",
    "Fetch it again, then: acm update --check FILE.",
)  # fmt: skip

# Reports

REPORT_SENT = Notice(
    "report-sent", "46565d5b72bb43bd8b92ee1af8b658c0", NOTICE,
    "The report {report} of {first} to {last} was made and sent.",
    "Its time had come, or somebody asked for it.",
    "Nothing to do.",
)  # fmt: skip
REPORT_FAILED = Notice(
    "report-failed", "37967474192541aeaa29de06d4329a25", WARNING,
    "The report {report} of {first} to {last} was not sent: {reason}",
    "The network, the mail server or a folder does not do what it should. It is tried again by itself, ever later up "
    "to every six hours, until the next one is due.",
    "Check host, user and password in [mail] of /etc/acm/acm.toml; acm doctor tries the mail server.",
    HOUR_S,
)  # fmt: skip
REPORT_UNSURE = Notice(
    "report-unsure", "031227c6f4fb400b894c1a84da603485", WARNING,
    "Nobody knows whether the report {report} of {first} to {last} has arrived.",
    "Everything ended in the very moment in which it was handed to the mail server. It is not sent a second time by "
    "itself.",
    "Ask whoever should have it; Reports on the panel sends it again.",
)  # fmt: skip

TABLE: tuple[Notice, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Notice))
BY_EVENT: dict[str, Notice] = {notice.event: notice for notice in TABLE}
