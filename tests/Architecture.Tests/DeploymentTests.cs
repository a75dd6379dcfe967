// The examples for production against the sources: variables are settings that exist, nothing runs with more rights
// than it needs, and members, services and probes fit each other.
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

public sealed partial class DeploymentTests
{
    private const string Compose = "docker-compose.prod.yml";
    private const string Kubernetes = "deploy/kubernetes/raftlocks.yaml";
    private const string Chart = "deploy/helm/raftlocks/";

    private static readonly string[] Nodes = ["n1", "n2", "n3"];

    // A variable of the command line alone, for whoever calls it in the container.
    private static readonly string[] OfTheCommandLine = ["NODES"];

    private static JsonNode Set => Manifests.Read(Kubernetes).Of("StatefulSet");

    private static JsonNode Pod => Set.At("spec/template/spec")!;

    private static JsonNode Container => Assert.Single(Pod["containers"]!.AsArray())!;

    [Theory]
    [InlineData(Compose)]
    [InlineData("docker-compose.yml")]
    [InlineData(Kubernetes)]
    [InlineData(Chart + "templates/statefulset.yaml")]
    public void Each_variable_of_a_node_is_a_setting(string file)
    {
        var settings = Settings();
        var said = Variable()
            .Matches(Read(file))
            .Select(variable => variable.Groups["name"].Value)
            .Distinct(StringComparer.Ordinal)
            .ToArray();

        Assert.True(settings.Count > 40, $"{settings.Count} settings");
        Assert.Contains("NAME", said);
        Assert.Equal(
            [],
            said.Except(OfTheCommandLine, StringComparer.Ordinal)
                .Where(name => !settings.Contains(name.Replace("_", "", StringComparison.Ordinal)))
        );
    }

    [Fact]
    public void Each_container_of_the_compose_file_is_confined()
    {
        var services = Services();

        Assert.Equal([.. Nodes, "prometheus", "grafana"], services.Keys);
        Assert.All(
            services.Values,
            service =>
            {
                Assert.Equal("true", service["read_only"].Text());
                Assert.Equal(["ALL"], service["cap_drop"].Texts());
                Assert.Null(service["cap_add"]);
                Assert.Null(service["privileged"]);
                Assert.Equal(["no-new-privileges:true"], service["security_opt"].Texts());
                Assert.NotNull(service["mem_limit"]);
                Assert.NotNull(service["cpus"]);
                Assert.NotNull(service["pids_limit"]);
                Assert.NotNull(service.At("logging/options/max-size"));
                Assert.DoesNotContain(
                    service["ports"].Texts(),
                    port => port.Contains("7009", StringComparison.Ordinal)
                );
            }
        );
        Assert.All(
            ["prometheus", "grafana"],
            name =>
                Assert.All(
                    services[name]["ports"].Texts(),
                    port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal)
                )
        );
    }

    [Fact]
    public void Each_node_of_the_compose_file_proves_who_it_is_and_asks_clients_who_they_are() =>
        Assert.All(
            Nodes,
            name =>
            {
                var variables = Services()[name]["environment"].Pairs();
                Assert.Equal(name, variables["RAFTLOCKS_NAME"].Text());
                Assert.Equal($"/certs/{name}.crt", variables["RAFTLOCKS_RAFT_TLS_CERT"].Text());
                Assert.Equal($"/certs/{name}.key", variables["RAFTLOCKS_RAFT_TLS_KEY"].Text());
                Assert.Equal($"/certs/{name}.crt", variables["RAFTLOCKS_TLS_CERT"].Text());
                Assert.Equal($"/certs/{name}.key", variables["RAFTLOCKS_TLS_KEY"].Text());
                Assert.Equal("off", variables["RAFTLOCKS_ADMIN_LOCAL"].Text());
                Assert.Equal(Nodes, MembersIn(variables["RAFTLOCKS_MEMBERS"].Text()!.Split(';')));
                AssertListensSecurely(variables["RAFTLOCKS_LISTEN"].Text()!);
                Assert.DoesNotContain("RAFTLOCKS_INSECURE", variables.Keys);
            }
        );

    [Fact]
    public void Prometheus_reads_the_nodes_of_the_compose_file_under_the_job_of_the_alerts()
    {
        var job = Assert.Single(Manifests.Read("deploy/prometheus/prometheus.yml")[0]["scrape_configs"]!.AsArray())!;

        Assert.Equal("raftlocks", job["job_name"].Text());
        Assert.Equal("https", job["scheme"].Text());
        Assert.Equal(
            Nodes.Select(name => name + ":9009"),
            Assert.Single(job["static_configs"]!.AsArray())!["targets"].Texts()
        );
    }

    [Fact]
    public void Members_have_the_names_that_the_headless_service_gives_to_pods()
    {
        var set = Set;
        var service = Service(component: "nodes");
        var name = set.At("metadata/name").Text();
        var replicas = int.Parse(set.At("spec/replicas").Text()!, CultureInfo.InvariantCulture);
        var members = Variables()
            .Where(variable => variable.Key.StartsWith("RAFTLOCKS_MEMBERS__", StringComparison.Ordinal))
            .Select(variable => variable.Value["value"].Text()!)
            .ToArray();

        Assert.Equal("None", service.At("spec/clusterIP").Text());
        Assert.Equal("true", service.At("spec/publishNotReadyAddresses").Text());
        Assert.Equal("Parallel", set.At("spec/podManagementPolicy").Text());
        Assert.Equal(service.At("metadata/name").Text(), set.At("spec/serviceName").Text());
        Assert.Equal(
            Enumerable
                .Range(0, replicas)
                .Select(i => (Pod: $"{name}-{i}", Host: $"{name}-{i}.{set.At("spec/serviceName")}"))
                .Select(member => (member.Pod, member.Host + ".$(POD_NAMESPACE).svc.cluster.local"))
                .Select(member => $"{member.Pod},{member.Item2}:7009,https://{member.Item2}:9009"),
            members
        );
        Assert.True(replicas is 3 or 5);
    }

    [Fact]
    public void Variables_refer_only_to_those_above_them()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, variable) in Variables())
        {
            var used = Reference().Matches(variable["value"].Text() ?? "").Select(one => one.Groups["name"].Value);
            Assert.Subset(known, used.ToHashSet(StringComparer.Ordinal));
            known.Add(name);
        }
    }

    [Fact]
    public void Pods_are_confined()
    {
        var own = Container["securityContext"];

        Assert.Equal("true", Pod.At("securityContext/runAsNonRoot").Text());
        Assert.Equal("RuntimeDefault", Pod.At("securityContext/seccompProfile/type").Text());
        Assert.Equal("false", Pod["automountServiceAccountToken"].Text());
        Assert.Equal("true", own?["readOnlyRootFilesystem"].Text());
        Assert.Equal("false", own?["allowPrivilegeEscalation"].Text());
        Assert.Equal(["ALL"], own.At("capabilities/drop").Texts());
        AssertListensSecurely(Variables()["RAFTLOCKS_LISTEN"]["value"].Text()!);
        Assert.Equal("off", Variables()["RAFTLOCKS_ADMIN_LOCAL"]["value"].Text());
        Assert.NotNull(Variables()["RAFTLOCKS_RAFT_TLS_CERT"]);
    }

    [Fact]
    public void Everything_that_selects_pods_finds_them()
    {
        var labels = Set.At("spec/template/metadata/labels").Pairs();
        var documents = Manifests.Read(Kubernetes);
        var selectors = new[]
        {
            Set.At("spec/selector/matchLabels"),
            Service("nodes").At("spec/selector"),
            Service("clients").At("spec/selector"),
            documents.Of("PodDisruptionBudget").At("spec/selector/matchLabels"),
            documents.Of("NetworkPolicy").At("spec/podSelector/matchLabels"),
            Pod.At("affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution")![0]
                .At("labelSelector/matchLabels"),
        };

        Assert.All(
            selectors,
            selector =>
            {
                Assert.NotEmpty(selector.Pairs());
                Assert.All(selector.Pairs(), pair => Assert.Equal(labels[pair.Key].Text(), pair.Value.Text()));
            }
        );
        Assert.Equal("1", documents.Of("PodDisruptionBudget").At("spec/maxUnavailable").Text());
    }

    [Fact]
    public void Probes_ask_for_life_where_a_restart_follows_and_for_readiness_where_clients_are_sent()
    {
        Assert.Equal(["healthcheck", "/health/live"], Container.At("startupProbe/exec/command").Texts());
        Assert.Equal(["healthcheck", "/health/live"], Container.At("livenessProbe/exec/command").Texts());
        Assert.Equal(["healthcheck", "/health/ready"], Container.At("readinessProbe/exec/command").Texts());
    }

    [Fact]
    public void A_node_that_is_asked_to_end_has_as_long_as_it_may_take()
    {
        var mayTake = int.Parse(
            EndMs()
                .Match(Read("src/Node/Foundation/Limits.cs"))
                .Groups["ms"]
                .Value.Replace("_", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture
        );
        var pause = Container.At("lifecycle/preStop/exec/command").Texts();

        Assert.Equal("sleep", pause[0]);
        Assert.True(Seconds(Pod["terminationGracePeriodSeconds"]) >= Seconds(pause[1]) + (mayTake / 1000));
        Assert.All(
            Nodes,
            name => Assert.True(Seconds(Services()[name]["stop_grace_period"].Text()!.TrimEnd('s')) >= mayTake / 1000)
        );
    }

    [Fact]
    public void The_chart_has_the_version_of_the_release_that_is_being_made()
    {
        var release = Release().Match(Read("CHANGELOG.md")).Groups["version"].Value;
        var chart = Manifests.Read(Chart + "Chart.yaml")[0];

        Assert.NotEmpty(release);
        Assert.Equal(release, chart["version"].Text());
        Assert.Equal(release, chart["appVersion"].Text());
        Assert.EndsWith(":" + release, Container["image"].Text(), StringComparison.Ordinal);
    }

    // By http inside the container only, for its health check.
    private static void AssertListensSecurely(string listen)
    {
        Assert.Contains(listen.Split(';'), url => url.StartsWith("https://", StringComparison.Ordinal));
        Assert.All(listen.Split(';'), url => Assert.Matches("^(https://|http://127.0.0.1:)", url));
    }

    private static IEnumerable<string> MembersIn(IEnumerable<string> members) =>
        members.Select(member =>
        {
            var parts = member.Split(',');
            Assert.Equal(parts[0] + ":7009", parts[1]);
            Assert.Equal($"https://{parts[0]}:9009", parts[3]);
            return parts[0];
        });

    private static int Seconds(object? text) => int.Parse(text!.ToString()!, CultureInfo.InvariantCulture);

    private static Dictionary<string, JsonNode> Services() =>
        Manifests
            .Read(Compose)[0]["services"]
            .Pairs()
            .ToDictionary(service => service.Key, service => service.Value!, StringComparer.Ordinal);

    private static JsonNode Service(string component) =>
        Manifests
            .Read(Kubernetes)
            .Single(document =>
                document["kind"].Text() == "Service"
                && document.At("metadata/labels")?["app.kubernetes.io/component"].Text() == component
            );

    // In their order, which matters.
    private static Dictionary<string, JsonNode> Variables() =>
        Container["env"]!.AsArray().ToDictionary(item => item!["name"].Text()!, item => item!, StringComparer.Ordinal);

    // As the environment has them: capitals, and no underscores.
    private static HashSet<string> Settings() =>
        SourceTree
            .Files("src/Node/Foundation", ".cs")
            .SelectMany(file => Setting().Matches(file.Text))
            .Select(setting => setting.Groups["key"].Value.ToUpperInvariant())
            .ToHashSet(StringComparer.Ordinal);

    private static string Read(string path) => File.ReadAllText(Path.Combine(SourceTree.Root, path));

    [GeneratedRegex(
        @"new( Setting)?\(\s*""(?<key>\w+)"",\s*""--",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Setting();

    // Without the index of a list; where it begins a line or a name, not where compose reads it for itself.
    [GeneratedRegex(
        @"^\s*(- name: )?RAFTLOCKS_(?<name>[A-Z_]*[A-Z])(__\d+)?\s*(:|$)|\{ [^}\n]*RAFTLOCKS_(?<name>[A-Z]+):",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\((?<name>\w+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"const int EndMs = (?<ms>[\d_]+);", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EndMs();

    [GeneratedRegex(
        @"^## (?<version>\d+\.\d+\.\d+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Release();
}
