"""Writes a package of NuGet anew so that equal contents have equal bytes: same_bytes.py FROM TO.

NuGet gives each file in it the time of the package's making. Here the files are in order, and their time is the
commit's (SOURCE_DATE_EPOCH)."""

import datetime
import os
import sys
import zipfile

source, target = sys.argv[1:]
time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc).timetuple()[:6]
with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
    for name in sorted(old.namelist()):
        entry = zipfile.ZipInfo(name, time)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        new.writestr(entry, old.read(name), compresslevel=9)
