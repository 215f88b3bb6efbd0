using System.Globalization;

namespace Spillway.Cli.Doctor;

/// <summary>A connection is a descriptor: the process, the kernel's bound for any process, the whole system, and epoll each limit them.</summary>
internal static class DescriptorChecks
{
    private const string OfProcess = "descriptors of a process";
    private const string OfSystem = "fs.file-max";
    private const string OpenNow = "/proc/sys/fs/file-nr";

    /// <param name="files">The host.</param>
    /// <param name="needs">What is needed.</param>
    /// <param name="pid">The process that is looked at; null: the one that a hub would be if it was started here.</param>
    public static IEnumerable<Finding> Run(HostFiles files, HostNeeds needs, int? pid)
    {
        yield return CheckProcess(files, needs, pid);
        yield return Finding.AtLeast(files, "fs.nr_open", needs.Descriptors, "the most that a process can be allowed");
        yield return CheckSystem(files, needs);
        yield return Finding.AtLeast(files, "fs.epoll.max_user_watches", needs.Descriptors, "each connection is watched by one loop; for all processes of a user");
    }

    private static Finding CheckProcess(HostFiles files, HostNeeds needs, int? pid)
    {
        var path = $"/proc/{pid?.ToString(CultureInfo.InvariantCulture) ?? "self"}/limits";
        if (files.WordsBehind(path, "Max open files") is not [var softWord, var hardWord, ..] || ToLimit(softWord) is not { } soft || ToLimit(hardWord) is not { } hard)
        {
            return Finding.Unknown(OfProcess, path);
        }

        // The runtime raises the soft limit to the hard one when a hub starts.
        var needed = needs.Descriptors;
        var there = soft == hard ? Say(hard) : $"{Say(hard)} (hard limit; the soft one, {Say(soft)}, is raised to it by the hub)";
        return new Finding(
            OfProcess, hard >= needed ? FindingState.Fine : FindingState.Short, $"{there}; {Finding.Number(needed)} needed (one for each connection, and {HostNeeds.OtherDescriptors}).")
        {
            There = hard,
            Needed = needed,
            Mending = hard >= needed ? [] :
            [
                pid is { } id ? $"prlimit --pid {id} --nofile={needed}:{needed}    # as root; holds at once" : $"ulimit -n {needed}    # as root, in the shell that starts the hub",
                $"LimitNOFILE={needed}    # in its unit of systemd, section [Service]",
                $"docker run --ulimit nofile={needed}:{needed}    # in a container of Docker",
            ],
        };
    }

    private static Finding CheckSystem(HostFiles files, HostNeeds needs)
    {
        var path = HostFiles.PathOfSetting(OfSystem);
        if (files.Number(path) is not { } most)
        {
            return Finding.Unknown(OfSystem, path);
        }

        var open = files.Numbers(OpenNow, 3)?[0] ?? 0; // Where it is not known, the system's own few thousand are left out.
        var needed = Math.Min(open, long.MaxValue - needs.Descriptors) + needs.Descriptors;
        return Finding.AtLeast(OfSystem, most, needed, $"for the whole system; {Finding.Number(open)} are open now, what subscribers of a running hub hold among them", needed);
    }

    private static long? ToLimit(string word) => word == "unlimited" ? long.MaxValue : HostFiles.ToNumber(word);

    private static string Say(long limit) => limit == long.MaxValue ? "unlimited" : Finding.Number(limit);
}
