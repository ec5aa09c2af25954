/** Debian and Ubuntu (apt), or RHEL and what is built from it (dnf). */
export const OsFamily = { Debian: "debian", RedHat: "redhat" } as const;
export type OsFamily = (typeof OsFamily)[keyof typeof OsFamily];
