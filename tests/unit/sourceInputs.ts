export const repository = (more: object) => {
    const key = `${"0".repeat(40)} https://example.com/key`;
    return { sources: { kubernetes: { uri: "https://example.com", suite: "/", key, ...more } } };
};

const mirror = (url: string, registry = "docker.io") => ({ sources: { registryMirrors: { [registry]: url } } });
const directly = (...no: string[]) => ({ sources: { proxy: { http: "http://192.0.2.1:3128", no } } });
const MIRROR = 'sources.registryMirrors["docker.io"]';

/** What a person types of the places that packages and images come from, and the property that is named. */
export const REFUSED_SOURCES: [Record<string, unknown>, string][] = [
    [{ sources: { imageRepository: "https://mirror/" } }, "sources.imageRepository"],
    [{ sources: { imageRepository: "a'b" } }, "sources.imageRepository"],
    [mirror("http://a", "../../../tmp/x"), 'sources.registryMirrors["../../../tmp/x"]'],
    [mirror("http://a\nx"), MIRROR],
    [mirror("https://u:p@a.example.com"), MIRROR],
    [mirror("https://harbor.example.com/k8s"), MIRROR],
    [mirror("https://harbor.example.com/v2beta/k8s"), MIRROR],
    [mirror("https://harbor.example.com/v2/../k8s"), MIRROR],
    [mirror("https://harbor.example.com?ns=/v2"), MIRROR],
    [mirror("https://harbor.example.com/#/v2"), MIRROR],
    [mirror("https://harbor.example.com/v2/{arch}"), MIRROR],
    [{ sources: { registries: { "a.b": { username: 'a"b', password: "c" } } } }, 'sources.registries["a.b"].username'],
    [
        { sources: { registries: { "a.example.com": { caCertificate: "-----BEGIN CERTIFICATE-----" } } } },
        'sources.registries["a.example.com"].caCertificate',
    ],
    ...["a\nb", "a,b", "http://192.0.2.9", "192.0.2.9:8080", "*", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "a/8"].map(
        (no): [Record<string, unknown>, string] => [directly(no), "sources.proxy.no[0]"],
    ),
    [repository({ uri: "http://x\ndeb [trusted=yes] http://evil /" }), "sources.kubernetes.uri"],
    [repository({ suite: "stable\ndeb" }), "sources.kubernetes.suite"],
    [repository({ key: "-----BEGIN PGP PUBLIC garbage" }), "sources.kubernetes.key"],
];

/** What is right, and close to what is refused. */
export const ACCEPTED_SOURCES: Record<string, unknown>[] = [
    { sources: { imageRepository: "192.0.2.2:5000/k8s", registryMirrors: { "docker.io": "http://[fd00::2]:5000" } } },
    { sources: { imageRepository: "Harbor.example.com:8443/k8s" } },
    mirror("http://192.0.2.2/mirror/v2", "_default"),
    mirror("https://harbor.example.com/v2/k8s/"),
    mirror("http://[fd00::2]:8081/"),
    mirror("https://mirror.example.com/v2"),
    directly("10.1.2.3/8", "fd00::/7", "192.0.2.9", "fd00::9", "Mirror.example.com", ".example.com", "*.example.com"),
    repository({ key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\ntest\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n" }),
];
