import * as os from "os";
import * as path from "path";

/** Everything fetched or built outside the checkout; removing it costs time, nothing else. */
export const cacheDir = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "pulumi-kubeadm");
