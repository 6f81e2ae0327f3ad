#!/bin/bash
# A camera, a header with 54 pins, a sound card, and a board that says it is a Raspberry Pi 4.
modprobe v4l2loopback
modprobe snd-aloop
modprobe configfs
mount -t configfs none /sys/kernel/config 2>/dev/null
modprobe gpio-sim
chip=/sys/kernel/config/gpio-sim/rig
mkdir -p $chip/bank0/line17
echo 54 >$chip/bank0/num_lines
echo pinctrl-rig >$chip/bank0/label
echo 1 >$chip/live
# gpiozero asks which board it is on.
(cat /proc/cpuinfo; printf '\nHardware\t: BCM2835\nRevision\t: c03111\nModel\t\t: Raspberry Pi 4 Model B Rev 1.1\n') >/run/cpuinfo
mount --bind /run/cpuinfo /proc/cpuinfo
exit 0
