import * as pulumi from "@pulumi/pulumi";

/** An object as a manifest has it. */
export interface KubernetesObject {
    apiVersion: string;
    kind: string;
    metadata: {
        name: string;
        namespace?: string;
        annotations?: Record<string, string>;
        labels?: Record<string, string>;
    };
    [field: string]: unknown;
}

/** Kubernetes' own type of an object whose kind is a parameter, for `satisfies`. */
export type OfKind<T> = Omit<T, "kind"> & { kind: string };

/** Any object of Kubernetes, by its own apiVersion and kind: a manifest may have more kinds than the SDK has classes. */
class ObjectResource extends pulumi.CustomResource {
    constructor(name: string, object: KubernetesObject, opts: pulumi.CustomResourceOptions) {
        super(typeOf(object), name, { ...annotated(object, FORCE) }, opts);
    }
}

/**
 * The provider applies each object in the name of this one resource. After an `up` that was killed, or with another state, the object is
 * there in the name of a former one, and would be refused to this one.
 */
const FORCE = { "pulumi.com/patchForce": "true" };

const annotated = (object: KubernetesObject, annotations: Record<string, string>): KubernetesObject => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
});

/** What others live in or are instances of. */
const FIRST = ["Namespace", "CustomResourceDefinition"];
/** What runs: it comes last, when all that it reads is there. */
const WORKLOADS = ["DaemonSet", "Deployment"];

/**
 * One resource for each object: namespaces and definitions first, workloads last. It waits until a workload is
 * ready only when asked: a CNI plugin's pods are ready only once all nodes have joined, and the step `finish` waits for that.
 */
export function applyObjects(
    name: string,
    objects: KubernetesObject[],
    opts: pulumi.CustomResourceOptions,
    { awaited = false }: { awaited?: boolean } = {},
): pulumi.Resource[] {
    const apply = (object: KubernetesObject, after: pulumi.Resource[]): pulumi.Resource =>
        new ObjectResource(resourceName(name, object), object, pulumi.mergeOptions(opts, { dependsOn: after }));
    const ofKinds = (kinds: string[]) => objects.filter(({ kind }) => kinds.includes(kind));
    const first = ofKinds(FIRST).map((object) => apply(object, []));
    const rest = objects
        .filter(({ kind }) => ![...FIRST, ...WORKLOADS].includes(kind))
        .map((object) => apply(object, first));
    const before = [...first, ...rest];
    const workloads = ofKinds(WORKLOADS).map((object) => apply(awaited ? object : notAwaited(object), before));
    return workloads.length > 0 ? workloads : before;
}

// The kubernetes provider's types are named by API group and version; the core group's name is left out in a manifest.
const typeOf = ({ apiVersion, kind }: KubernetesObject): string =>
    `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;

const resourceName = (name: string, { kind, metadata }: KubernetesObject): string =>
    [name, kind.toLowerCase(), metadata.namespace, metadata.name].filter(Boolean).join("-");

const notAwaited = (object: KubernetesObject): KubernetesObject =>
    annotated(object, { "pulumi.com/skipAwait": "true" });
