"""Holds the JSON Schema of vgrun's configs against what vgrun's parser says of many.

    python schema.py < cases.json

The input is {"schema": .., "cases": [{"what": .., "config": .., "valid": ..}, ..]}. The schema must be one itself, and
must take exactly the configs that the parser took. Ends with 1 after a mismatch, with 3 where a module is missing.
"""

import json
import sys

try:
    import jsonschema
except ImportError as error:
    print(f"missing module: {error.name}")
    sys.exit(3)

given = json.load(sys.stdin)
jsonschema.Draft7Validator.check_schema(given["schema"])
validator = jsonschema.Draft7Validator(given["schema"])
wrong = 0
for case in given["cases"]:
    errors = list(validator.iter_errors(case["config"]))
    if case["valid"] == bool(errors):
        wrong += 1
        said = "refuses" if errors else "takes"
        print(f"the schema {said} what the parser does not: {case['what']}")
        for error in errors[:2]:
            print(f"    {error.json_path}: {error.message[:200]}")
valid = sum(case["valid"] for case in given["cases"])
print(f"{len(given['cases'])} configs, {valid} of them right, {wrong} mismatches")
sys.exit(wrong > 0 or not 0 < valid < len(given["cases"]))
