import { expect, it } from "vitest";
import { kubectl, onHost, Stack } from "../stack";

const CLAIM = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: claim }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: claimant }
spec:
    terminationGracePeriodSeconds: 0
    containers:
        - name: claimant
          image: docker.io/lab/tools:1
          command: [busybox, sh, -c, "echo kept >/volume/file && exec busybox sleep 3600"]
          volumeMounts: [{ name: volume, mountPath: /volume }]
    volumes: [{ name: volume, persistentVolumeClaim: { claimName: claim } }]
`;

/** The provisioner local-path makes its volumes below the folder. */
export function testLocalVolume(stack: Stack, folder: string): void {
    it("a claim that names no class is bound, on the node's own disk", async () => {
        await stack.apply(CLAIM);
        await kubectl("wait", "--for=condition=Ready", "pod/claimant", "--timeout=120s");
        const node = await kubectl("get", "pod", "claimant", "-o", "jsonpath={.spec.nodeName}");
        expect(await onHost(node, `cat ${folder}/*claim*/file`)).toBe("kept");
        await kubectl("delete", "pod,pvc", "claimant", "claim", "--ignore-not-found", "--wait=false");
    });
}
