namespace Spillway.Cli.Serve;

/// <summary>What stands between clients and <c>serve</c>: the section <c>Spillway:Proxies</c>.</summary>
internal sealed class ProxyOptions
{
    public const string Section = $"{SpillwayOptions.Section}:Proxies";

    /// <summary>Addresses and networks of proxies that are believed who a request is of. Default: none.</summary>
    public IList<string> Trusted { get; } = [];
}
