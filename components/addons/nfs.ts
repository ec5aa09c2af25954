import type { apps, core, meta, rbac } from "@pulumi/kubernetes/types/input";
import { StorageSettings } from "../model/storage";
import { NFS_PROVISIONER } from "../versions/versions";
import { KubernetesObject, OfKind } from "./objects";
import { storageClass } from "./storageClass";

const NAMESPACE = "nfs-provisioner";
const NAME = "nfs-subdir-external-provisioner";
const PROVISIONER = "k8s-sigs.io/nfs-subdir-external-provisioner";
const RBAC = "rbac.authorization.k8s.io";
const here = (name: string) => ({ name, namespace: NAMESPACE }) satisfies meta.v1.ObjectMeta;
const LOOK = ["get", "list", "watch"];

/** The NFS subdirectory provisioner (kubernetes-sigs), after upstream's deploy/ of the pinned version: a folder of the server for each volume. */
export const nfsObjects = ({ server = "", path, defaultClass }: StorageSettings): KubernetesObject[] => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } } satisfies core.v1.Namespace,
    { apiVersion: "v1", kind: "ServiceAccount", metadata: here(NAME) } satisfies core.v1.ServiceAccount,
    {
        apiVersion: `${RBAC}/v1`,
        kind: "ClusterRole",
        metadata: { name: NAME },
        rules: [
            { apiGroups: [""], resources: ["nodes"], verbs: LOOK },
            { apiGroups: [""], resources: ["persistentvolumes"], verbs: [...LOOK, "create", "delete"] },
            { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: [...LOOK, "update"] },
            { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: LOOK },
            { apiGroups: [""], resources: ["events"], verbs: ["create", "update", "patch"] },
        ],
    } satisfies rbac.v1.ClusterRole,
    {
        apiVersion: `${RBAC}/v1`,
        kind: "Role",
        metadata: here("leader-locking"),
        rules: [{ apiGroups: [""], resources: ["endpoints"], verbs: [...LOOK, "create", "update", "patch"] }],
    } satisfies rbac.v1.Role,
    binding("ClusterRoleBinding", { name: NAME }, "ClusterRole", NAME),
    binding("RoleBinding", here("leader-locking"), "Role", "leader-locking"),
    {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: here(NAME),
        spec: {
            replicas: 1,
            strategy: { type: "Recreate" },
            selector: { matchLabels: { app: NAME } },
            template: { metadata: { labels: { app: NAME } }, spec: pod(server, path) },
        },
    } satisfies apps.v1.Deployment,
    storageClass("nfs", PROVISIONER, { defaultClass, parameters: { archiveOnDelete: "false" } }),
];

const binding = (kind: string, metadata: KubernetesObject["metadata"], roleKind: string, role: string) =>
    ({
        apiVersion: `${RBAC}/v1`,
        kind,
        metadata,
        roleRef: { apiGroup: RBAC, kind: roleKind, name: role },
        subjects: [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }],
    }) satisfies OfKind<rbac.v1.RoleBinding>;

const pod = (server: string, path: string): core.v1.PodSpec => ({
    serviceAccountName: NAME,
    containers: [
        {
            name: NAME,
            image: NFS_PROVISIONER.image,
            volumeMounts: [{ name: "root", mountPath: "/persistentvolumes" }],
            env: [
                { name: "PROVISIONER_NAME", value: PROVISIONER },
                { name: "NFS_SERVER", value: server },
                { name: "NFS_PATH", value: path },
            ],
        },
    ],
    volumes: [{ name: "root", nfs: { server, path } }],
});
