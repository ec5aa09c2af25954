import { must } from "../tools/process";
import { inHost } from "./container";
import type { LabFirewall, LabHost } from "./hostsFile";

const INSTALL =
    "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends --yes";

/** Commands that install a firewall which blocks everything but ssh. Debian enables firewalld when it is installed, ufw only on request. */
const SETUPS: Record<LabFirewall, string> = {
    firewalld: `${INSTALL} firewalld && firewall-cmd --state`,
    ufw: `${INSTALL} ufw && ufw allow 22/tcp && ufw --force enable`,
};

/** Installs the host's firewall. Called once for each disk, because the firewall survives a reboot. */
export async function setUpFirewall({ name, firewall }: LabHost): Promise<void> {
    if (firewall !== undefined) {
        await must(`setting up ${name}'s ${firewall}`, inHost(name, ["bash", "-c", SETUPS[firewall]]), {
            timeoutMs: 300_000,
        });
    }
}
