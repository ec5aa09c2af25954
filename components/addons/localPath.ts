import type { apps, core, meta, rbac } from "@pulumi/kubernetes/types/input";
import { stringify } from "yaml";
import { StorageSettings } from "../model/storage";
import { LOCAL_PATH } from "../versions/versions";
import { KubernetesObject, OfKind } from "./objects";
import { storageClass } from "./storageClass";

const NAMESPACE = "local-path-storage";
const ACCOUNT = "local-path-provisioner-service-account";
const RBAC = "rbac.authorization.k8s.io";
const here = (name: string) => ({ name, namespace: NAMESPACE }) satisfies meta.v1.ObjectMeta;
const LOOK = ["get", "list", "watch"];
const CHANGE = ["create", "patch", "update", "delete"];

/** The local-path provisioner, after upstream's local-path-storage.yaml of the pinned version. */
export const localPathObjects = ({ path, defaultClass }: StorageSettings): KubernetesObject[] => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } } satisfies core.v1.Namespace,
    { apiVersion: "v1", kind: "ServiceAccount", metadata: here(ACCOUNT) } satisfies core.v1.ServiceAccount,
    role("Role", here("local-path-provisioner-role"), [
        { apiGroups: [""], resources: ["pods"], verbs: [...LOOK, ...CHANGE] },
    ]),
    role("ClusterRole", { name: "local-path-provisioner-role" }, [
        {
            apiGroups: [""],
            resources: ["nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"],
            verbs: LOOK,
        },
        { apiGroups: [""], resources: ["persistentvolumes"], verbs: [...LOOK, ...CHANGE] },
        { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
        { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: LOOK },
    ]),
    binding("RoleBinding", here("local-path-provisioner-bind"), "Role"),
    binding("ClusterRoleBinding", { name: "local-path-provisioner-bind" }, "ClusterRole"),
    {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: here("local-path-config"),
        data: {
            "config.json": JSON.stringify({
                nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [path] }],
            }),
            setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
            teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
            "helperPod.yaml": stringify(HELPER_POD),
        },
    } satisfies core.v1.ConfigMap,
    {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: here("local-path-provisioner"),
        spec: {
            replicas: 1,
            selector: { matchLabels: { app: "local-path-provisioner" } },
            template: { metadata: { labels: { app: "local-path-provisioner" } }, spec: POD },
        },
    } satisfies apps.v1.Deployment,
    // Where the pod runs is where its folder is, so a volume waits for the scheduler.
    storageClass("local-path", "rancher.io/local-path", { defaultClass, volumeBindingMode: "WaitForFirstConsumer" }),
];

const role = (kind: string, metadata: KubernetesObject["metadata"], rules: rbac.v1.PolicyRule[]): KubernetesObject =>
    ({
        apiVersion: `${RBAC}/v1`,
        kind,
        metadata,
        rules,
    }) satisfies OfKind<rbac.v1.Role>;

const binding = (kind: string, metadata: KubernetesObject["metadata"], roleKind: string): KubernetesObject =>
    ({
        apiVersion: `${RBAC}/v1`,
        kind,
        metadata,
        roleRef: { apiGroup: RBAC, kind: roleKind, name: "local-path-provisioner-role" },
        subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace: NAMESPACE }],
    }) satisfies OfKind<rbac.v1.RoleBinding>;

const HELPER_POD = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "helper-pod" },
    spec: {
        priorityClassName: "system-node-critical",
        tolerations: [{ key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" }],
        containers: [{ name: "helper-pod", image: LOCAL_PATH.helperImage, imagePullPolicy: "IfNotPresent" }],
    },
} satisfies core.v1.Pod;

const POD = {
    serviceAccountName: ACCOUNT,
    containers: [
        {
            name: "local-path-provisioner",
            image: LOCAL_PATH.image,
            command: ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
            volumeMounts: [{ name: "config-volume", mountPath: "/etc/config/" }],
            env: [
                { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "CONFIG_MOUNT_PATH", value: "/etc/config/" },
            ],
        },
    ],
    volumes: [{ name: "config-volume", configMap: { name: "local-path-config" } }],
} satisfies core.v1.PodSpec;
