"""Makes Millrace installable: `pip install .`, and Beam's `--setup_file setup.py`.

Versions with hashes are in requirements.lock; what is needed at all is in
requirements.in, which this file reads. Everything else is in pyproject.toml.
"""

from pathlib import Path

from setuptools import find_namespace_packages, find_packages, setup

ROOT = Path(__file__).resolve().parent
PACKAGES = (
    "core",
    "schema",
    "preprocessing",
    "models",
    "components",
    "metadata",
    "registry",
    "report",
    "pipeline",
    "kubeflow",
    "onboarding",
    "cli",
)


def needs(name: str) -> list[str]:
    """The requirements that one `.in` file lists."""
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in lines if line]


setup(
    name="millrace",
    version="0.1.0",
    description="Continuous training of models on tables, with TFX, from laptop to Kubeflow",
    python_requires=">=3.10,<3.11",
    packages=[
        *find_packages(include=[p for name in PACKAGES for p in (name, f"{name}.*")]),
        *find_namespace_packages(include=["configs", "configs.*"]),
    ],
    package_data={
        "configs": ["**/*.yaml"],
        "report": ["templates/*"],
        "schema": ["**/*.pbtxt"],
    },
    install_requires=needs("requirements.in"),
    extras_require={"dev": needs("requirements-dev.in")},
    entry_points={"console_scripts": ["millrace = cli.main:main"]},
)
