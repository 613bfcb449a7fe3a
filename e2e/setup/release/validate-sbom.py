"""Checks bills of materials against the schema of CycloneDX 1.5, and prints each fault.

   validate-sbom.py <folder of the schemas> <bill of materials>...
"""

import json
import pathlib
import sys

from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7


def read(file):
    return json.loads(pathlib.Path(file).read_text())


folder = pathlib.Path(sys.argv[1])
schemas = {f"http://cyclonedx.org/schema/{file.name}": read(file) for file in folder.glob("*.schema.json")}
registry = Registry().with_resources(
    (url, Resource.from_contents(schema, default_specification=DRAFT7))
    for name, schema in schemas.items()
    for url in {name, schema.get("$id", name)}
)
validator = Draft7Validator(read(folder / "bom-1.5.SNAPSHOT.schema.json"), registry=registry)
for sbom in sys.argv[2:]:
    for fault in validator.iter_errors(read(sbom)):
        print(f"{sbom}: {list(fault.path)}: {fault.message[:300]}")
