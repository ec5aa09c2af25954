import { stringify } from "yaml";

export interface KubeconfigArgs {
    clusterName: string;
    /** `host:port` */
    endpoint: string;
    /** PEM */
    caCertificate: string;
    userName: string;
    /** A client certificate and its key, PEM. */
    credentials: { certificate: string; privateKey: string };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** A kubeconfig with everything inside it. */
export function kubeconfig(args: KubeconfigArgs): string {
    const context = `${args.userName}@${args.clusterName}`;
    const user = {
        "client-certificate-data": base64(args.credentials.certificate),
        "client-key-data": base64(args.credentials.privateKey),
    };
    return stringify(
        {
            apiVersion: "v1",
            kind: "Config",
            "current-context": context,
            clusters: [
                {
                    name: args.clusterName,
                    cluster: {
                        server: `https://${args.endpoint}`,
                        "certificate-authority-data": base64(args.caCertificate),
                    },
                },
            ],
            contexts: [{ name: context, context: { cluster: args.clusterName, user: args.userName } }],
            users: [{ name: args.userName, user }],
        },
        { lineWidth: 0 },
    );
}
