import * as os from "os";
import * as path from "path";

/** The folder for everything that is downloaded or built. It can be deleted at any time; the next run fills it again. */
export const CACHE_DIR = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "pulumi-kubeadm");
