import { hostPort } from "../lib/addresses";
import { ClusterSettings } from "../model/cluster";

/** Tells the owner of an existing balancer what to set up there: this program cannot do it. */
export const externalBalancerDuty = ({ endpoint, loadBalancer }: ClusterSettings): string =>
    `loadBalancer: ${hostPort(endpoint.host, endpoint.port)} is yours to set up: TCP, passed through (no TLS of its own), to ` +
    `${loadBalancer.backends.map(({ address, port }) => hostPort(address, port)).join(", ")}; ` +
    "check: HTTPS GET /readyz, without verifying the certificate, expect 200, every second, out after two failures.";
