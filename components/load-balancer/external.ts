import { hostPort } from "../lib/addresses";
import { ClusterSettings } from "../model/cluster";

/** What the owner of a balancer that exists already has to set up: nobody here can. */
export const externalBalancerDuty = ({ endpoint, loadBalancer }: ClusterSettings): string =>
    `loadBalancer: ${hostPort(endpoint.host, endpoint.port)} is yours to set up: TCP, passed through (no TLS of its own), to ` +
    `${loadBalancer.backends.map(({ address, port }) => hostPort(address, port)).join(", ")}; ` +
    "check: HTTPS GET /readyz, without verifying the certificate, expect 200, every second, out after two failures.";
