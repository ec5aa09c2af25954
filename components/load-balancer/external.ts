import { hostPort } from "../lib/addresses";
import { ClusterSettings } from "../model/cluster";

/** Tells the owner of an existing balancer what to set up there: this program cannot do it. */
export const externalBalancerDuty = ({ endpoint, loadBalancer }: ClusterSettings): string =>
    `loadBalancer: ${hostPort(endpoint.host, endpoint.port)} is an external balancer, which you set up yourself: TCP without TLS termination, to ` +
    `${loadBalancer.backends.map(({ address, port }) => hostPort(address, port)).join(", ")}; ` +
    "check: HTTPS GET /readyz, without verifying the certificate, expect 200, every second, out after two failures.";
