import { inHost } from "./container";
import type { LabFirewall, LabHost } from "./hostsFile";
import { must } from "./process";

const install =
    "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends --yes";

/** As its administrator would set it up: refusing everything but ssh. Debian starts firewalld with its package, and ufw on request. */
const setups: Record<LabFirewall, string> = {
    firewalld: `${install} firewalld && firewall-cmd --state`,
    ufw: `${install} ufw && ufw allow 22/tcp && ufw --force enable`,
};

/** On a new disk; after that it is the host's own, over power cuts too. */
export async function setUpFirewall({ name, firewall }: LabHost): Promise<void> {
    if (firewall !== undefined) {
        await must(`setting up ${name}'s ${firewall}`, inHost(name, ["bash", "-c", setups[firewall]]), {
            timeoutMs: 300_000,
        });
    }
}
