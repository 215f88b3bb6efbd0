namespace Spillway.Tests.Cli;

/// <summary>The files in which a machine describes itself, in a folder of their own: at first those of one that lacks nothing for 10,000 connections.</summary>
internal sealed class HostTree : IDisposable
{
    private static readonly Dictionary<string, string> Ample = new()
    {
        ["proc/self/limits"] = "Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96365                96365                processes \n"
            + "Max open files            1024                 1048576              files     \n",
        ["proc/self/cgroup"] = "0::/system.slice/spillway.service\n",
        ["proc/self/status"] = "Name:\tspillway\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n",
        ["proc/meminfo"] = "MemTotal:       16777216 kB\nMemFree:         8388608 kB\n",
        ["proc/sys/fs/nr_open"] = "1048576\n",
        ["proc/sys/fs/file-max"] = "9223372036854775807\n",
        ["proc/sys/fs/file-nr"] = "1293\t0\t9223372036854775807\n",
        ["proc/sys/fs/epoll/max_user_watches"] = "3600000\n",
        ["proc/sys/net/core/somaxconn"] = "4096\n",
        ["proc/sys/net/ipv4/tcp_max_syn_backlog"] = "4096\n",
        ["proc/sys/net/ipv4/tcp_syncookies"] = "0\n",
        ["proc/sys/net/ipv4/ip_local_port_range"] = "32768\t60999\n",
        ["proc/sys/net/ipv4/tcp_mem"] = "192000\t256000\t384000\n",
        ["sys/fs/cgroup/cgroup.controllers"] = "cpu memory\n",
        ["sys/fs/cgroup/system.slice/memory.max"] = "max\n",
        ["sys/fs/cgroup/system.slice/spillway.service/memory.max"] = "4294967296\n",
        ["sys/fs/cgroup/system.slice/spillway.service/cpu.max"] = "max 100000\n",
    };

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("spillway-host-");

    public HostTree()
    {
        foreach (var (path, text) in Ample)
        {
            Write(path, text);
        }
    }

    public static IEnumerable<string> Paths => Ample.Keys;

    public string Root => _root.FullName;

    public HostTree Write(string path, string text)
    {
        var file = new FileInfo(Path.Combine(Root, path));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, text);
        return this;
    }

    public HostTree Delete(string path)
    {
        File.Delete(Path.Combine(Root, path));
        return this;
    }

    public void Dispose() => _root.Delete(recursive: true);
}
