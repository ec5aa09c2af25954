import * as tls from "@pulumi/tls";
import { authority, privateKey } from "../../../components/pki";

const ca = authority("ca", "test", 24, {});
const request = new tls.CertRequest("request", { privateKeyPem: privateKey("key", {}).privateKeyPem });
const leaf = (name: string, earlyRenewalHours: number): tls.LocallySignedCert =>
    new tls.LocallySignedCert(name, {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: ca.privateKey,
        caCertPem: ca.certificate,
        validityPeriodHours: 2,
        earlyRenewalHours,
        allowedUses: ["client_auth"],
    });

export const due = leaf("due", 2).certPem;
export const young = leaf("young", 1).certPem;
