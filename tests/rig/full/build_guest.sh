#!/bin/bash
# Builds the guest of the full rig from Debian's packages: a root like Raspberry Pi OS's (Debian 13, cloud-init with its
# seed on the boot partition), a stock kernel, and modules that stand for the devices.
#   build_guest.sh FOLDER    -> FOLDER/root.img, vmlinuz, initrd       (root; about 3 minutes, 2 GB)
# gpio-sim is built from the kernel's own source and v4l2loopback from its package: no stock kernel has them.
set -euo pipefail
out=$(realpath "$1"); mkdir -p "$out"; root=$out/root
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v -- -security | sort -u | head -1)

packages=systemd,systemd-sysv,systemd-timesyncd,dbus,udev,kmod,libpam-systemd,procps,iproute2,ca-certificates,e2fsprogs,dosfstools
packages+=,cloud-init,python3,python3-venv,python3-systemd,sqlite3,v4l-utils,ffmpeg,alsa-utils,espeak-ng,sudo,openssh-server
building=linux-headers-amd64,gcc,make,libc6-dev,xz-utils,swig,python3-dev,python3-setuptools,python3-wheel,python3-pip
mmdebstrap --quiet --variant=minbase --include="$packages,$building" --skip=cleanup/apt/lists \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --aptopt='Apt::Install-Recommends "false"' trixie "$root" "$mirror"
cp /etc/resolv.conf "$root/etc/"
[ -f /etc/ssl/certs/ca-certificates.crt ] && cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
mkdir -p "$root/build"
# Raspberry Pi OS has python3-lgpio; Debian has it not, and pip's is without code for Python 3.13, so it is built.
python3 -m pip download --quiet --no-deps --no-binary :all: --dest "$root/build" lgpio
cat >"$root/build/modules.sh" <<'END'
set -e
cd /build
kernel=$(ls /usr/src | sed -n 's/^linux-headers-\(.*-amd64\)$/\1/p' | head -1)
apt-get -o APT::Sandbox::User=root -qq download "linux-image-$kernel" linux-source-6.12 v4l2loopback-dkms busybox-static
# Unpacked, not installed: nothing is to be made for a machine that this is not.
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x -C / ./boot ./usr/lib/modules
dpkg-deb --fsys-tarfile linux-source-*.deb | tar -xO ./usr/src/linux-source-6.12.tar.xz |
    tar -xJ --strip-components=1 --wildcards '*/drivers/gpio/gpio-sim.c' '*/kernel/irq/irq_sim.c'
dpkg-deb --fsys-tarfile v4l2loopback-dkms*.deb | tar -x ./usr/src
dpkg-deb --fsys-tarfile busybox-static*.deb | tar -xO ./usr/bin/busybox >busybox
mkdir gpio
cp drivers/gpio/gpio-sim.c gpio/gpio-sim-core.c
# irq_to_desc() is not exported to modules; generic_handle_irq_safe() is, and does the same here.
sed 's/handle_simple_irq(irq_to_desc(\(.*\)));/generic_handle_irq_safe(\1);/' kernel/irq/irq_sim.c >gpio/irq_sim.c
printf 'obj-m := gpio-sim.o\ngpio-sim-y := gpio-sim-core.o irq_sim.o\n' >gpio/Makefile
mkdir -p "/usr/lib/modules/$kernel/updates"
for folder in /build/gpio /build/usr/src/v4l2loopback-*; do
    make -s -C "/usr/src/linux-headers-$kernel" "M=$folder" modules
    strip --strip-debug "$folder"/*.ko
    cp "$folder"/*.ko "/usr/lib/modules/$kernel/updates/"
done
depmod "$kernel"
END
mount --bind /proc "$root/proc"
trap 'umount "$root/proc" 2>/dev/null || true' EXIT
chroot "$root" bash /build/modules.sh
chroot "$root" env PYPI=1 sh -c 'pip install --quiet --no-index --no-build-isolation --break-system-packages --root-user-action=ignore /build/lgpio-*.tar.gz'

# A start in a tenth of the time: three drivers and a static shell.
kernel=$(ls "$root/usr/lib/modules"); modules=$root/usr/lib/modules/$kernel; small=$out/initrd.d
rm -rf "$small"; mkdir -p "$small"/{bin,proc,sys,dev,newroot,m}
cp "$root/build/busybox" "$small/bin/busybox"; chmod 755 "$small/bin/busybox"
order=
for module in crc32c_generic virtio_blk ext4; do
    row=$(grep "/$module\.ko" "$modules/modules.dep") || continue
    for file in $(echo "$row" | sed 's/.*://' | tr ' ' '\n' | tac) "${row%%:*}"; do
        name=$(basename "$file" .xz)
        [ -f "$small/m/$name" ] || { xz -dc "$modules/$file" >"$small/m/$name"; order="$order $name"; }
    done
done
cat >"$small/init" <<END
#!/bin/busybox sh
b=/bin/busybox; \$b mount -t proc p /proc; \$b mount -t sysfs s /sys; \$b mount -t devtmpfs d /dev
for m in $order; do \$b insmod /m/\$m; done
n=0; while [ ! -b /dev/vda ] && [ \$n -lt 100 ]; do \$b sleep .1; n=\$((n+1)); done
\$b mount -t ext4 /dev/vda /newroot; \$b umount /proc /sys; \$b mount --move /dev /newroot/dev
exec \$b switch_root /newroot /sbin/init
END
chmod 755 "$small/init"
(cd "$small" && find . | cpio -o -H newc 2>/dev/null | zstd -q -f -o "$out/initrd")
cp "$root"/boot/vmlinuz-* "$out/vmlinuz"

cp -r "$(dirname "$(realpath "$0")")/guest/." "$root/"
chroot "$root" systemctl --quiet enable rig-devices.service rig-camera.service rig-journal.service rig-shell.service rig-events.service
chroot "$root" systemctl --quiet mask serial-getty@ttyS0.service getty@tty1.service apt-daily.timer apt-daily-upgrade.timer \
    systemd-networkd-wait-online.service
mkdir -p "$root/boot/firmware" "$root/var/log/journal"
printf '/dev/vda / ext4 defaults 0 1\n/dev/vdb /boot/firmware vfat defaults,umask=022 0 2\n' >"$root/etc/fstab"
: >"$root/etc/machine-id"
umount "$root/proc"
rm -rf "$root/build" "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/src/linux-headers*
rm -rf "$root"/usr/lib/modules/*/build
chroot "$root" dpkg --purge --force-all linux-headers-amd64 gcc make >/dev/null 2>&1 || true
mke2fs -q -t ext4 -L root -d "$root" "$out/root.img" $(($(du -sm "$root" | cut -f1) * 12 / 10 + 1200))M
du -sm "$out/root.img"
