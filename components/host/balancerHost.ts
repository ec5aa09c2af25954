import { Table, list, text } from "./parameters";

/** The load balancer's parameters of preflight and of every change. */
export const BALANCER_HOST = {
    LOAD_BALANCER: list(
        "The parts of the load balancer that run on this host (lib/load-balancer has a file for each). Any other is removed.",
        [],
    ),
    VIRTUAL_ADDRESS: text("The virtual address that this host may hold; empty: none.", ""),
} satisfies Table;
