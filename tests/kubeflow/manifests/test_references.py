"""What the objects, the configuration and the scripts name exists under that name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from metadata.settings import PASSWORD_VARIABLE, GrpcStore, MysqlStore
from pipeline.configuration.cluster import KubeflowSettings
from tests.kubeflow.manifests.objects import containers, of_kind, pods, secret_keys

Objects = list[dict[str, Any]]


def names(objects: Objects, *kinds: str) -> set[str]:
    return {item["metadata"]["name"] for item in of_kind(objects, *kinds)}


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {})
    exist = {item["key"] for item in selector.get("matchExpressions", [])}
    return wanted.items() <= labels.items() and exist <= labels.keys()


def test_all_objects_are_in_one_namespace(overlay: Objects) -> None:
    subjects = [s for binding in of_kind(overlay, "RoleBinding") for s in binding["subjects"]]

    spaces = {item["metadata"]["namespace"] for item in overlay}
    assert len(spaces | {subject["namespace"] for subject in subjects}) == 1


def test_claims_exist(overlay: Objects) -> None:
    named = {
        volume["persistentVolumeClaim"]["claimName"]
        for _, spec in pods(overlay)
        for volume in spec["volumes"]
        if "persistentVolumeClaim" in volume
    }

    assert named == names(overlay, "PersistentVolumeClaim")


def test_every_mount_has_its_volume(overlay: Objects) -> None:
    for item in of_kind(overlay, "Job", "StatefulSet", "Deployment"):
        spec = item["spec"]["template"]["spec"]
        templates = item["spec"].get("volumeClaimTemplates", [])
        there = {v["name"] for v in spec["volumes"]} | {t["metadata"]["name"] for t in templates}
        mounted = {m["name"] for c in containers(spec) for m in c["volumeMounts"]}

        assert mounted == there


def test_the_script_makes_every_key_of_the_secret(overlay: Objects, repository: Path) -> None:
    script = (repository / "scripts" / "make-metadata-secret").read_text()
    made = set(re.findall(r"^  ([a-z-]+): \$\(random\)$", script, re.M))

    assert "name=millrace-metadata\n" in script
    assert secret_keys(overlay) == {("millrace-metadata", key) for key in made}


def test_no_password_is_in_a_file(manifests: Path, overlay: Objects) -> None:
    assert of_kind(overlay, "Secret") == []
    for path in manifests.rglob("*.yaml"):
        assert "stringData" not in path.read_text()
        assert "secretGenerator" not in path.read_text()


def test_a_selector_finds_its_own_pods(overlay: Objects) -> None:
    for item in of_kind(overlay, "StatefulSet", "Deployment"):
        labels = item["spec"]["template"]["metadata"]["labels"]

        assert matches(item["spec"]["selector"], labels)


def test_a_service_finds_one_set_of_pods_and_its_port(overlay: Objects) -> None:
    services = of_kind(overlay, "Service")
    for service in services:
        found = [s for m, s in pods(overlay) if service["spec"]["selector"].items() <= m.items()]
        ports = {p["name"]: p["containerPort"] for c in found[0]["containers"] for p in c["ports"]}

        assert len(found) == 1
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]
    assert {s["spec"]["serviceName"] for s in of_kind(overlay, "StatefulSet")} <= names(
        overlay, "Service"
    )


def test_a_network_policy_guards_a_service_at_its_port(overlay: Objects) -> None:
    services = of_kind(overlay, "Service")
    policies = {p["metadata"]["name"]: p["spec"] for p in of_kind(overlay, "NetworkPolicy")}

    assert policies.keys() == names(overlay, "Service")
    for service in services:
        policy = policies[service["metadata"]["name"]]
        assert policy["podSelector"]["matchLabels"] == service["spec"]["selector"]
        (rule,) = policy["ingress"]
        assert [p["port"] for p in rule["ports"]] == [p["port"] for p in service["spec"]["ports"]]


def test_pipelines_and_the_metadata_server_reach_the_database(overlay: Objects) -> None:
    policies = {p["metadata"]["name"]: p["spec"] for p in of_kind(overlay, "NetworkPolicy")}
    (rule,) = policies["millrace-metadata"]["ingress"]
    server = next(m for m, _ in pods(overlay) if m["app.kubernetes.io/name"].endswith("-server"))

    def may(labels: dict[str, str]) -> bool:
        return any(matches(peer["podSelector"], labels) for peer in rule["from"])

    assert may({"workflows.argoproj.io/workflow": "taxi-x7k2p"})
    assert may({"dag_id": "taxi"})
    assert may(server)
    assert not may({"app": "ml-pipeline"})


def test_the_role_is_bound_to_the_service_account(overlay: Objects) -> None:
    (binding,) = of_kind(overlay, "RoleBinding")

    assert binding["roleRef"]["name"] in names(overlay, "Role")
    assert {subject["name"] for subject in binding["subjects"]} == names(overlay, "ServiceAccount")


def test_the_role_allows_nothing_by_wildcard(overlay: Objects) -> None:
    (role,) = of_kind(overlay, "Role")

    assert "*" not in str(role["rules"])
    for rule in role["rules"]:
        if {"secrets", "configmaps"} & set(rule["resources"]):
            assert rule["verbs"] == ["get"]
            assert rule["resourceNames"]


def test_the_configuration_names_what_the_manifests_make(
    overlay: Objects, repository: Path
) -> None:
    profile = yaml.safe_load((repository / "configs" / "profiles" / "kubeflow.yaml").read_text())
    settings = KubeflowSettings(**profile["kubeflow"])
    store = MysqlStore(**profile["metadata"])
    database = of_kind(overlay, "StatefulSet")[0]["spec"]["template"]["spec"]["containers"][0]
    made = {item["name"]: item.get("value") for item in database["env"]}
    (secret,) = settings.secrets

    assert {volume.claim for volume in settings.volumes} == names(overlay, "PersistentVolumeClaim")
    assert settings.service_account in names(overlay, "ServiceAccount")
    assert (secret.secret, secret.key) in secret_keys(overlay)
    assert secret.variable == PASSWORD_VARIABLE
    assert store.host in names(overlay, "Service")
    assert (store.database, store.user) == (made["MARIADB_DATABASE"], made["MARIADB_USER"])
    assert store.port == database["ports"][0]["containerPort"]


def test_the_defaults_name_what_the_manifests_make(overlay: Objects) -> None:
    (volume,) = KubeflowSettings().volumes
    (job,) = of_kind(overlay, "Job")
    (mount,) = job["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    server = GrpcStore(kind="grpc", host="millrace-metadata-server")
    service = next(s for s in of_kind(overlay, "Service") if s["metadata"]["name"] == server.host)

    assert (volume.claim, volume.path) == ("millrace", mount["mountPath"])
    assert server.port == service["spec"]["ports"][0]["port"]
