import { readFileSync } from "fs";
import { EtcdCluster } from "../../../components";

const lab = `${__dirname}/../../../.lab`;
const known = new Map(
    readFileSync(`${lab}/known_hosts`, "utf8")
        .split("\n")
        .map((line) => line.split(" "))
        .map(([names, type, key]) => [names.split(",")[0], `${type} ${key}`]),
);
const member = (name: string, address: string) => ({ name, address, hostKey: known.get(address) });

const etcd = new EtcdCluster("etcd", {
    ssh: { privateKey: readFileSync(`${lab}/id_lab`, "utf8") },
    members: [member("lb1", "10.88.0.10"), member("w1", "10.88.0.21"), member("w2", "10.88.0.22")],
    sources: { etcd: { package: "etcd" } },
    packageSource: "http://10.88.0.2/debian",
});

export const endpoints = etcd.endpoints;
