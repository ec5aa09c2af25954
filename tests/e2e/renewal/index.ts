import { ClusterPki } from "../../../components/cluster/pki";
import { KeyAlgorithm, signedCertificate } from "../../../components/lib/certificates";
import { resolveCertificates } from "../../../components/model/certificates";

const pki = new ClusterPki("pki", { encryptionAlgorithm: process.env.KEY_ALGORITHM as KeyAlgorithm | undefined });
const leaf = (name: string, certificateValidityPeriod?: string) => {
    const certificates = resolveCertificates({ certificateValidityPeriod });
    return signedCertificate(name, { ca: pki.ca, commonName: name, usages: ["client_auth"], ...certificates }, {})
        .certificate;
};

export const ca = pki.ca.certificate;
export const { keyDigests } = pki;
export const admin = pki.admin.certificate;
export const other = leaf("other");
export const month = leaf("month", "720h");
