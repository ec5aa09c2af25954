import { at } from "../lib/addresses";
import { PORTS } from "../lib/ports";
import { ClusterSettings } from "../model/cluster";
import { endpointText } from "../model/controlPlaneEndpoint";
import { privateAddressOf } from "../model/hosts";

/** What the owner of a balancer that exists already has to set up: nobody here can. */
export const externalBalancerDuty = ({ endpoint, controlPlaneNodes }: ClusterSettings): string =>
    `loadBalancer: ${endpointText(endpoint)} is yours to set up: TCP, passed through (no TLS of its own), to ` +
    `${controlPlaneNodes.map((node) => at(privateAddressOf(node), PORTS.apiServer)).join(", ")}; ` +
    "check: HTTPS GET /readyz, without verifying the certificate, expect 200, every second, out after two failures.";
