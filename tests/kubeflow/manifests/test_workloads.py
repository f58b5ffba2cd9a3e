"""Pods run without rights that they do not need, and their programs do what they shall."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kubeflow.manifests.objects import containers, of_kind, pods

Objects = list[dict[str, Any]]


def test_no_pod_runs_as_root_or_asks_kubernetes_for_anything(overlay: Objects) -> None:
    assert len(pods(overlay)) == 3
    for _, spec in pods(overlay):
        context = spec["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False


def test_no_container_can_gain_rights_or_change_its_image(overlay: Objects) -> None:
    for _, spec in pods(overlay):
        for container in containers(spec):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_every_container_says_what_it_needs(overlay: Objects) -> None:
    for _, spec in pods(overlay):
        for container in containers(spec):
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]


def test_what_keeps_running_is_probed(overlay: Objects) -> None:
    for item in of_kind(overlay, "StatefulSet", "Deployment"):
        for container in item["spec"]["template"]["spec"]["containers"]:
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()


def test_images_have_versions(overlay: Objects) -> None:
    images = {container["image"] for _, spec in pods(overlay) for container in containers(spec)}

    assert len(images) >= 3
    assert [image for image in images if not re.search(r":\w[\w.-]*$", image)] == []
    assert [image for image in images if image.endswith(":latest")] == []


def test_dev_uses_the_image_that_make_builds(build: Callable, repository: Path) -> None:
    made = re.search(r"^IMAGE \?= (\S+)$", (repository / "Makefile").read_text(), re.M)
    (job,) = of_kind(build("overlays/dev"), "Job")

    assert made
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == made[1]


def test_prod_uses_an_image_of_a_registry(build: Callable) -> None:
    (job,) = of_kind(build("overlays/prod"), "Job")

    assert job["spec"]["template"]["spec"]["containers"][0]["image"].startswith("registry.")


def test_the_volume_can_be_shared_by_machines_in_prod_only(build: Callable) -> None:
    def claim(name: str) -> dict[str, Any]:
        return of_kind(build(f"overlays/{name}"), "PersistentVolumeClaim")[0]["spec"]

    assert claim("dev")["accessModes"] == ["ReadWriteOnce"]
    assert "storageClassName" not in claim("dev")
    assert claim("prod")["accessModes"] == ["ReadWriteMany"]
    assert claim("prod")["storageClassName"]


def test_the_volume_is_given_to_the_images_user(overlay: Objects, repository: Path) -> None:
    user = re.search(r"^USER (\d+):(\d+)$", (repository / "Dockerfile").read_text(), re.M)
    (job,) = of_kind(overlay, "Job")
    context = job["spec"]["template"]["spec"]["securityContext"]

    assert user
    assert (context["runAsUser"], context["fsGroup"]) == (int(user[1]), int(user[2]))


@pytest.mark.parametrize("password", ["plain", "quo\"te\\n'd \u00fc\n"])
def test_the_metadata_server_gets_the_database_and_password_in_a_private_file(
    build: Callable, tmp_path: Path, password: str
) -> None:
    from google.protobuf import text_format
    from ml_metadata.proto import metadata_store_pb2

    (server,) = of_kind(build("base/metadata-server"), "Deployment")
    (first,) = server["spec"]["template"]["spec"]["initContainers"]
    (main,) = server["spec"]["template"]["spec"]["containers"]
    python, option, program = first["command"]
    assert (python, option) == ("python", "-c")
    variables = {**os.environ, first["env"][0]["name"]: password}

    program = program.replace("/configuration", str(tmp_path))
    subprocess.run([sys.executable, "-c", program], env=variables, check=True)

    written = tmp_path / "server.pbtxt"
    config = metadata_store_pb2.MetadataStoreServerConfig()
    text_format.Parse(written.read_text(), config)
    mysql = config.connection_config.mysql
    assert (mysql.host, mysql.port, mysql.user) == ("millrace-metadata", 3306, "millrace")
    assert mysql.password == password
    assert written.stat().st_mode & 0o077 == 0
    assert f"--metadata_store_server_config_file=/configuration/{written.name}" in main["args"]
