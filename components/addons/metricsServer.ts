import type { apiregistration, apps, core, meta, rbac } from "@pulumi/kubernetes/types/input";
import { METRICS_SERVER } from "../versions/versions";
import { KubernetesObject, OfKind } from "./objects";

const NAME = "metrics-server";
const NAMESPACE = "kube-system";
const LABELS = { "k8s-app": NAME };
const RBAC = "rbac.authorization.k8s.io";
const here = (name: string) => ({ name, namespace: NAMESPACE, labels: LABELS }) satisfies meta.v1.ObjectMeta;
const everywhere = (name: string) => ({ name, labels: LABELS }) satisfies meta.v1.ObjectMeta;
const SUBJECTS = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }] satisfies rbac.v1.Subject[];

/**
 * metrics-server, after upstream's components.yaml of the pinned version.
 * @param trustsKubelets whether kubelets have certificates of the cluster's CA (`serverTLSBootstrap`); kubeadm's sign their own
 */
export const metricsServerObjects = (trustsKubelets: boolean): KubernetesObject[] => [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: here(NAME) } satisfies core.v1.ServiceAccount,
    clusterRole("system:metrics-server", [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ]),
    {
        ...clusterRole("system:aggregated-metrics-reader", [
            { apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
        ]),
        metadata: {
            name: "system:aggregated-metrics-reader",
            labels: {
                ...LABELS,
                ...Object.fromEntries(
                    ["admin", "edit", "view"].map((role) => [`${RBAC}/aggregate-to-${role}`, "true"]),
                ),
            },
        } satisfies meta.v1.ObjectMeta,
    },
    binding("ClusterRoleBinding", everywhere("system:metrics-server"), "ClusterRole", "system:metrics-server"),
    binding(
        "ClusterRoleBinding",
        everywhere("metrics-server:system:auth-delegator"),
        "ClusterRole",
        "system:auth-delegator",
    ),
    binding("RoleBinding", here("metrics-server-auth-reader"), "Role", "extension-apiserver-authentication-reader"),
    {
        apiVersion: "v1",
        kind: "Service",
        metadata: here(NAME),
        spec: { selector: LABELS, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: "https" }] },
    } satisfies core.v1.Service,
    {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: here(NAME),
        spec: {
            selector: { matchLabels: LABELS },
            strategy: { rollingUpdate: { maxUnavailable: 0 } },
            template: { metadata: { labels: LABELS }, spec: pod(trustsKubelets) },
        },
    } satisfies apps.v1.Deployment,
    {
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: everywhere("v1beta1.metrics.k8s.io"),
        spec: {
            group: "metrics.k8s.io",
            version: "v1beta1",
            groupPriorityMinimum: 100,
            versionPriority: 100,
            insecureSkipTLSVerify: true,
            service: { name: NAME, namespace: NAMESPACE },
        },
    } satisfies apiregistration.v1.APIService,
];

const clusterRole = (name: string, rules: rbac.v1.PolicyRule[]): KubernetesObject =>
    ({
        apiVersion: `${RBAC}/v1`,
        kind: "ClusterRole",
        metadata: everywhere(name),
        rules,
    }) satisfies rbac.v1.ClusterRole;

const binding = (kind: string, metadata: KubernetesObject["metadata"], roleKind: string, role: string) =>
    ({
        apiVersion: `${RBAC}/v1`,
        kind,
        metadata,
        roleRef: { apiGroup: RBAC, kind: roleKind, name: role },
        subjects: SUBJECTS,
    }) satisfies OfKind<rbac.v1.RoleBinding>;

const probe = (path: string, more: core.v1.Probe): core.v1.Probe => ({
    httpGet: { path, port: "https", scheme: "HTTPS" },
    periodSeconds: 10,
    failureThreshold: 3,
    ...more,
});

const pod = (trustsKubelets: boolean): core.v1.PodSpec => ({
    serviceAccountName: NAME,
    priorityClassName: "system-cluster-critical",
    nodeSelector: { "kubernetes.io/os": "linux" },
    containers: [
        {
            name: NAME,
            image: METRICS_SERVER.image,
            args: [
                "--cert-dir=/tmp",
                "--secure-port=10250",
                "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                "--kubelet-use-node-status-port",
                "--metric-resolution=15s",
                ...(trustsKubelets ? [] : ["--kubelet-insecure-tls"]),
            ],
            ports: [{ name: "https", containerPort: 10250, protocol: "TCP" }],
            resources: { requests: { cpu: "100m", memory: "200Mi" } },
            livenessProbe: probe("/livez", {}),
            readinessProbe: probe("/readyz", { initialDelaySeconds: 20 }),
            securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: "RuntimeDefault" },
            },
            volumeMounts: [{ name: "tmp-dir", mountPath: "/tmp" }],
        },
    ],
    volumes: [{ name: "tmp-dir", emptyDir: {} }],
});
