using System.Globalization;

namespace Spillway.Cli.Doctor;

/// <summary>What the kernel keeps of connections before they are accepted, on their way, and in a firewall's table.</summary>
internal static class NetworkChecks
{
    private const string SynBacklog = "net.ipv4.tcp_max_syn_backlog";
    private const string SynCookies = "net.ipv4.tcp_syncookies";
    private const string Ports = "net.ipv4.ip_local_port_range";
    private const string TcpMemory = "net.ipv4.tcp_mem";
    private const string Tracked = "net.netfilter.nf_conntrack_max";
    private const string TrackedNow = "net.netfilter.nf_conntrack_count";

    public static IEnumerable<Finding> Run(HostFiles files, HostNeeds needs)
    {
        yield return Finding.AtLeast(files, "net.core.somaxconn", needs.ListenQueue, "connections that wait to be accepted; the hub asks for 4,096, which this setting cuts");
        yield return CheckHalfOpen(files, needs);
        yield return CheckPorts(files, needs);
        yield return CheckMemory(files, needs);
        if (files.Exists(HostFiles.PathOfSetting(Tracked)))
        {
            yield return CheckTracking(files, needs); // Else no firewall here keeps a table of connections.
        }
    }

    // With cookies, which is the default, the kernel ignores the limit: listen(2).
    private static Finding CheckHalfOpen(HostFiles files, HostNeeds needs)
    {
        var finding = Finding.AtLeast(files, SynBacklog, needs.ListenQueue, $"connections that are not complete yet; {SynCookies} is 0");
        return finding.State == FindingState.Unknown || files.Number(HostFiles.PathOfSetting(SynCookies)) is not > 0 ? finding
            : new Finding(SynBacklog, FindingState.Fine, $"{Finding.Number(finding.There!.Value)}; does not matter, because {SynCookies} is on.") { There = finding.There };
    }

    // The ports of this end are the proxy's, or the load generator's: a hub accepts all its connections at one port.
    private static Finding CheckPorts(HostFiles files, HostNeeds needs)
    {
        var path = HostFiles.PathOfSetting(Ports);
        if (files.Numbers(path, 2) is not [var first, var last] || last < first)
        {
            return Finding.Unknown(Ports, path);
        }

        var count = last - first + 1;
        var pairs = (needs.Connections + count - 1) / count;
        var text = $"{Finding.Number(count)} ports: so many connections can a proxy or a load generator on this machine open from one of its addresses to one address and port of the hub.";
        return new Finding(Ports, FindingState.Note, pairs <= 1 ? text : $"{text} {Finding.Number(needs.Connections)} take {pairs} pairs of such addresses and ports.") { There = count };
    }

    private static Finding CheckMemory(HostFiles files, HostNeeds needs)
    {
        var path = HostFiles.PathOfSetting(TcpMemory);
        if (files.Numbers(path, 3) is not [_, var pressure, _])
        {
            return Finding.Unknown(TcpMemory, path);
        }

        var needed = needs.TcpPages;
        var finding = new Finding(
            TcpMemory,
            pressure >= needed ? FindingState.Fine : FindingState.Short,
            string.Create(CultureInfo.InvariantCulture, $"{pressure:N0} pages until TCP saves memory; {needed:N0} needed, which is {Finding.Bytes(needs.TcpBytes)} (an event on its way to everybody, and one subscriber in ten that reads nothing)."))
        {
            There = pressure,
            Needed = needed,
        };
        // The three in the proportion that the kernel gives them.
        var low = (needed + 3) / 4 * 3;
        return pressure >= needed ? finding : finding.MendedBy(string.Create(CultureInfo.InvariantCulture, $"{low} {needed} {low * 2}"));
    }

    private static Finding CheckTracking(HostFiles files, HostNeeds needs)
    {
        var known = files.Number(HostFiles.PathOfSetting(TrackedNow));
        if (known == 0 && files.Number(HostFiles.PathOfSetting(Tracked)) is { } most)
        {
            return new Finding(Tracked, FindingState.Fine, $"{Finding.Number(most)}; does not matter, because nothing is tracked.") { There = most };
        }

        var now = known ?? 0;
        var why = $"a firewall keeps a table of connections, and drops what does not fit; {Finding.Number(now)} are in it now, those of a running hub among them";
        return Finding.AtLeast(files, Tracked, Math.Min(now, long.MaxValue - needs.Descriptors) + needs.Descriptors, why);
    }
}
