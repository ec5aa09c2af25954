import type { storage } from "@pulumi/kubernetes/types/input";
import { KubernetesObject } from "./objects";

type StorageClassFields = Pick<storage.v1.StorageClass, "parameters" | "volumeBindingMode"> & {
    defaultClass: boolean;
};

export const storageClass = (
    name: string,
    provisioner: string,
    { defaultClass, ...more }: StorageClassFields,
): KubernetesObject =>
    ({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(defaultClass) } },
        provisioner,
        reclaimPolicy: "Delete",
        ...more,
    }) satisfies storage.v1.StorageClass;
