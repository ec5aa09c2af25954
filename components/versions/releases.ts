import { BinaryVersion } from "./types";

// Of upstream's releases, as kubespray (roles/kubespray_defaults/vars/main/checksums.yml) has them.

export const CONTAINERD: BinaryVersion = {
    version: "2.3.4",
    sha256: {
        amd64: "1d0eccd52471ab75e8d4645b538f73dc635f905cd2be776366eb1036a0089595",
        arm64: "ad21f456a69bca9c183a8bde892a7576d5d09ae88b3e376a47bde4a886037ab3",
    },
};

export const RUNC: BinaryVersion = {
    version: "1.4.3",
    sha256: {
        amd64: "f6ae8efc0fa40079e1475e97cbe9d1bd3f106a28d6af78a11d9f1bd565515e60",
        arm64: "633301e2e32f8a5ad54031aab4901eb00308bec677dd15faa2751e8f9dab5ca4",
    },
};

export const CNI_PLUGINS: BinaryVersion = {
    version: "1.9.1",
    sha256: {
        amd64: "b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303",
        arm64: "56171987d3947707c3563db2f4001bccaf50fd63468611b9f3cbecb1375ee7ec",
    },
};

export const CRICTL: BinaryVersion = {
    version: "1.36.0",
    sha256: {
        amd64: "83855e114566a8a8c44c548d515670f51de3a5e1da8b2effb59870e2f10c25a3",
        arm64: "68328594ccf780a80ae2b092d9f6ce484eec7cf540c275242e8fd954bfd95332",
    },
};
