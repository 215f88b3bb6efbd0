using System.Text.Json;
using Spillway.Cli;

namespace Spillway.Tests.Cli;

public sealed class HostCommandTests : IDisposable
{
    private readonly HostTree _host = new();

    // A file, what it holds, for how many connections, and what is said of it.
    public static TheoryData<string, string, int, string, string> Shortfalls => new()
    {
        { "proc/self/limits", "Max open files  1024  4096  files\n", 10_000, "descriptors of a process: 4,096 (hard limit; the soft one, 1,024, is raised to it by the hub); 10,500 needed", "ulimit -n 10500 " },
        { "proc/self/limits", "Max open files  4096  4096  files\n", 10_000, "descriptors of a process: 4,096; 10,500 needed", "LimitNOFILE=10500 " },
        { "proc/sys/fs/nr_open", "10499", 10_000, "fs.nr_open: 10,499; 10,500 needed", "sysctl -w fs.nr_open=10500" },
        { "proc/sys/fs/file-max", "11000", 10_000, "fs.file-max: 11,000; 11,793 needed", "sysctl -w fs.file-max=11793" },
        { "proc/sys/fs/epoll/max_user_watches", "10000", 10_000, "fs.epoll.max_user_watches: 10,000; 10,500 needed", "sysctl -w fs.epoll.max_user_watches=10500" },
        { "proc/sys/net/core/somaxconn", "128", 10_000, "net.core.somaxconn: 128; 4,096 needed", "sysctl -w net.core.somaxconn=4096" },
        { "proc/sys/net/core/somaxconn", "128", 500, "net.core.somaxconn: 128; 500 needed", "sysctl -w net.core.somaxconn=500" },
        { "proc/sys/net/ipv4/tcp_max_syn_backlog", "2048", 10_000, "net.ipv4.tcp_max_syn_backlog: 2,048; 4,096 needed", "sysctl -w net.ipv4.tcp_max_syn_backlog=4096" },
        { "proc/sys/net/netfilter/nf_conntrack_max", "10499", 10_000, "net.netfilter.nf_conntrack_max: 10,499; 10,500 needed", "sysctl -w net.netfilter.nf_conntrack_max=10500" },
        { "proc/meminfo", "MemTotal: 524288 kB", 10_000, "memory: 512 MiB; ", "export SPILLWAY__Limits__Connections=1 " },
        { "sys/fs/cgroup/system.slice/spillway.service/memory.max", "600000000", 10_000, "memory of the control group: 572 MiB; ", "systemctl set-property spillway.service MemoryMax=" },
        { "sys/fs/cgroup/system.slice/memory.max", "600000000", 10_000, "memory of the control group: 572 MiB; ", "systemctl set-property system.slice MemoryMax=" },
        { "sys/fs/cgroup/system.slice/spillway.service/cpu.max", "50000 100000", 10_000, "processors: 4, of which the control group may use 0.5; ", "systemctl set-property spillway.service CPUQuota=100%" },
    };

    public static TheoryData<string> Read => [.. HostTree.Paths];

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Host_NothingIsShort_SaysSoAndExitsWith0()
    {
        var run = Run();

        Assert.Equal((ExitCode.Success, ""), (await run.RunAsync("doctor", "host"), run.Error.ToString()));

        Assert.Equal("No shortfall for 10,000 connections.", run.Out.Lines[^1]);
        Assert.Contains("fine     descriptors of a process: 1,048,576 (hard limit; the soft one, 1,024, is raised to it by the hub); 10,500 needed (one for each connection, and 500).", run.Out.Lines);
        Assert.Contains("note     net.ipv4.ip_local_port_range: 28,232 ports: so many connections can a proxy or a load generator on this machine open from one of its addresses to one address and port of the hub.", run.Out.Lines);
        Assert.Contains("fine     processors: 4; Delivery:Loops is as many by default.", run.Out.Lines);
        Assert.DoesNotContain("sysctl", run.Out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("conntrack", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shortfalls))]
    public async Task Host_Shortfall_SaysWhatIsThereAndMendsItAndExitsWith1(string path, string text, int connections, string expected, string command)
    {
        _host.Write(path, text);
        var run = Run();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("doctor", "host", "--connections", $"{connections}"));

        var lines = run.Out.Lines;
        var at = Array.FindIndex(lines, line => line.StartsWith("short    " + expected, StringComparison.Ordinal));
        Assert.True(at >= 0, run.Out.ToString());
        Assert.Contains(lines[(at + 1)..].TakeWhile(static line => line.StartsWith("         ", StringComparison.Ordinal)), line => line.StartsWith("         " + command, StringComparison.Ordinal));
        Assert.StartsWith("1 shortfall for ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_MoreThanTcpMayHold_GivesTheThreeInProportionAndKeepsThem()
    {
        _host.Write("proc/sys/net/ipv4/tcp_mem", "1000 2000 4000").Write("proc/sys/net/core/somaxconn", "128");
        var run = Run();

        await run.RunAsync("doctor", "host");

        // A page for each, and twelve for one in ten.
        var pages = 10_000 + (1_000 * 48 * 1024 / Environment.SystemPageSize);
        var setting = $"{(pages + 3) / 4 * 3} {pages} {(pages + 3) / 4 * 6}";
        Assert.Contains($"         sysctl -w net.ipv4.tcp_mem=\"{setting}\"", run.Out.Lines);
        Assert.Contains($"         printf '%s\\n' 'net.core.somaxconn = 4096' 'net.ipv4.tcp_mem = {setting}' > /etc/sysctl.d/60-spillway.conf", run.Out.Lines);
        Assert.Equal("2 shortfalls for 10,000 connections.", run.Out.Lines[^1]);
    }

    [Fact]
    public async Task Host_SynCookies_MakeTheirBacklogOfNoMatter()
    {
        _host.Write("proc/sys/net/ipv4/tcp_max_syn_backlog", "128").Write("proc/sys/net/ipv4/tcp_syncookies", "1");
        var run = Run();

        Assert.Equal(ExitCode.Success, await run.RunAsync("doctor", "host"));
        Assert.Contains("fine     net.ipv4.tcp_max_syn_backlog: 128; does not matter, because net.ipv4.tcp_syncookies is on.", run.Out.Lines);
    }

    [Fact]
    public async Task Host_TableOfConnections_CountsWhatIsInItAndDoesNotMatterWhereNothingIs()
    {
        const string Now = "proc/sys/net/netfilter/nf_conntrack_count";
        _host.Write("proc/sys/net/netfilter/nf_conntrack_max", "10600").Write(Now, "0");
        var (unused, used) = (Run(), Run());

        Assert.Equal(ExitCode.Success, await unused.RunAsync("doctor", "host"));
        Assert.Contains("fine     net.netfilter.nf_conntrack_max: 10,600; does not matter, because nothing is tracked.", unused.Out.Lines);

        _host.Write(Now, "101");
        Assert.Equal(ExitCode.Failure, await used.RunAsync("doctor", "host"));
        Assert.Contains("         sysctl -w net.netfilter.nf_conntrack_max=10601", used.Out.Lines);
    }

    [Fact]
    public async Task Host_MoreConnectionsThanPorts_SaysHowManyPairsOfAddressesTheyTake()
    {
        var run = Run();

        await run.RunAsync("doctor", "host", "--connections", "100000");

        Assert.Contains(run.Out.Lines, static line => line.EndsWith(" 100,000 take 4 pairs of such addresses and ports.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Host_QuotaOfSomeProcessors_SaysHowManyLoopsThereAre()
    {
        _host.Write("sys/fs/cgroup/system.slice/spillway.service/cpu.max", "150000 100000");
        var run = Run();

        Assert.Equal(ExitCode.Success, await run.RunAsync("doctor", "host"));
        Assert.Contains("fine     processors: 4, of which the control group may use 1.5; Delivery:Loops is 2 by default.", run.Out.Lines);
    }

    [Fact]
    public async Task Host_ContainerThatIsToldAPathOutside_FindsItsGroupAtTheRoot()
    {
        _host.Write("proc/self/cgroup", "0::/../../docker/0123").Write("sys/fs/cgroup/memory.max", "600000000");
        var run = Run();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("doctor", "host"));
        Assert.Contains(run.Out.Lines, static line => line.StartsWith("         echo ", StringComparison.Ordinal) && line.Contains(" > /sys/fs/cgroup/memory.max    # as root", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Read))]
    public async Task Host_FileAbsentOrMalformed_IsNotHeldAgainstIt(string path)
    {
        foreach (var text in (string?[])[null, "", "\n", "nonsense", "-1", "1 2 3 4 5", "0::", "Max open files", "Max open files many more files", "MemTotal: x kB", "Cpus_allowed_list:\t3-1", "\0\ufffd"])
        {
            _ = text is null ? _host.Delete(path) : _host.Write(path, text);
            var run = Run();

            Assert.Equal((ExitCode.Success, ""), (await run.RunAsync("doctor", "host"), run.Error.ToString()));
            Assert.StartsWith("No shortfall for 10,000 connections", run.Out.Lines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Host_SystemThatSaysNothing_IsNotKnown()
    {
        using var empty = new HostTree();
        foreach (var path in HostTree.Paths)
        {
            empty.Delete(path);
        }

        var run = new CliRun { Root = empty.Root };

        Assert.Equal(ExitCode.Success, await run.RunAsync("doctor", "host"));
        Assert.Equal(11, run.Out.Lines.Count(static line => line.StartsWith("unknown  ", StringComparison.Ordinal)));
        Assert.Equal("No shortfall for 10,000 connections; 11 not known.", run.Out.Lines[^1]);
    }

    [Fact]
    public async Task Host_ProcessNamed_LooksAtItsLimits()
    {
        _host.Write("proc/77/limits", "Max open files  1024  1024  files\n");
        var (found, missing) = (Run(), Run());

        Assert.Equal(ExitCode.Failure, await found.RunAsync("doctor", "host", "--pid", "77"));
        Assert.Contains(found.Out.Lines, static line => line.StartsWith("         prlimit --pid 77 --nofile=10500:10500 ", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Usage, await missing.RunAsync("doctor", "host", "--pid", "78"));
        Assert.Equal("spillway: --pid is \"78\", which is no process here; name one that runs, or leave the option out.", missing.Error.Lines[0]);
    }

    [Fact]
    public async Task Host_Json_HasTheSame()
    {
        _host.Write("proc/sys/net/core/somaxconn", "128").Delete("proc/sys/fs/nr_open");
        var run = Run();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("doctor", "host", "--json", "--connections", "20000"));

        var json = JsonDocument.Parse(run.Out.ToString()).RootElement;
        Assert.Equal((20_000, false), (json.GetProperty("connections").GetInt32(), json.GetProperty("fine").GetBoolean()));
        Assert.Equal("printf '%s\\n' 'net.core.somaxconn = 4096' > /etc/sysctl.d/60-spillway.conf", json.GetProperty("keep").GetString());
        var findings = json.GetProperty("findings").EnumerateArray().ToDictionary(static finding => finding.GetProperty("subject").GetString()!);
        Assert.Equal("unknown", findings["fs.nr_open"].GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, findings["fs.nr_open"].GetProperty("there").ValueKind);
        var accepting = findings["net.core.somaxconn"];
        Assert.Equal(("short", 128, 4_096), (accepting.GetProperty("state").GetString(), accepting.GetProperty("there").GetInt32(), accepting.GetProperty("needed").GetInt32()));
        Assert.Equal("""["sysctl -w net.core.somaxconn=4096"]""", accepting.GetProperty("mending").GetRawText());
    }

    [Fact]
    public async Task Host_ThisMachine_IsExaminedToTheEnd()
    {
        var run = new CliRun();

        Assert.InRange(await run.RunAsync("doctor", "host", "--connections", "1"), ExitCode.Success, ExitCode.Failure);
        Assert.Empty(run.Error.ToString());
        Assert.Contains(" for 1 connection", run.Out.Lines[^1], StringComparison.Ordinal);
    }

    private CliRun Run() => new() { Root = _host.Root };
}
