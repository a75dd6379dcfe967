"""Completes a bill of materials: bill.py FROM TO [FRAMEWORK=VERSION...], with SOURCE_DATE_EPOCH in the environment.

Its time becomes the commit's, so that the same release has the same bytes. The frameworks that a program has in it are
no packages of its project, and are added."""

import datetime
import json
import os
import sys

source, target, *frameworks = sys.argv[1:]
with open(source, encoding="utf-8-sig") as file:
    bill = json.load(file)
if not bill.get("components"):
    sys.exit(f"{source} lists no component: were the packages restored?")
commit_time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
bill["metadata"]["timestamp"] = commit_time.strftime("%Y-%m-%dT%H:%M:%SZ")
for framework in frameworks:
    name, version = framework.split("=")
    bill["components"].append(
        {
            "type": "framework",
            "bom-ref": f"{name}@{version}",
            "name": name,
            "version": version,
            "licenses": [{"license": {"id": "MIT"}}],
        }
    )
with open(target, "w", encoding="utf-8") as file:
    json.dump(bill, file, indent=2, ensure_ascii=False)
    file.write("\n")
