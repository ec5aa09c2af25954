import { KubernetesObject } from "./objects";

export const storageClass = (
    name: string,
    provisioner: string,
    { defaultClass = true, ...more }: { defaultClass?: boolean; [field: string]: unknown },
): KubernetesObject => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(defaultClass) } },
    provisioner,
    reclaimPolicy: "Delete",
    ...more,
});
