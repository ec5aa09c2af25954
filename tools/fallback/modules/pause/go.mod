module github.com/pulumi-kubeadm/tools/pause

go 1.26.0
