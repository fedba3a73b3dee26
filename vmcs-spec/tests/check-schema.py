#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check JSON files against a JSON Schema: check-schema.py SCHEMA FILE...

Prints one line for each mistake and ends with status 2 if there are any; ends with status 77, which
automake reports as skipped, if the package python3-jsonschema is missing.
"""

import json
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is missing: schemas are not checked")
    sys.exit(77)


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as f:
        schema = json.load(f)
    validator_class = jsonschema.validators.validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    bad = False
    for path in paths:
        with open(path, encoding="utf-8") as f:
            document = json.load(f)
        for error in validator.iter_errors(document):
            bad = True
            print(f"{path}: {error.json_path}: {error.message}", file=sys.stderr)
    return 2 if bad else 0


if len(sys.argv) < 3:
    print("check-schema.py:1: bad arguments; expected SCHEMA FILE...", file=sys.stderr)
    sys.exit(2)
sys.exit(main(*sys.argv[1:]))
