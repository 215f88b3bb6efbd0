using System.Globalization;

namespace Spillway.Cli.Doctor;

/// <summary>One thing that a host has, or lacks.</summary>
/// <param name="Subject">What it is: a kernel setting by its name, else in words.</param>
/// <param name="State">How it stands.</param>
/// <param name="Text">What is there, what is needed, and why.</param>
internal sealed record Finding(string Subject, FindingState State, string Text)
{
    /// <summary>What is there; null where it is not known, or no number.</summary>
    public long? There { get; init; }

    /// <summary>What is needed; null where nothing is.</summary>
    public long? Needed { get; init; }

    /// <summary>Commands that mend a shortfall; where there are several, each is for another way to run a hub.</summary>
    public IReadOnlyList<string> Mending { get; init; } = [];

    /// <summary>The value that the kernel setting should have; null where it is none, or has it.</summary>
    public string? Setting { get; init; }

    /// <summary>A file says nothing that can be read.</summary>
    public static Finding Unknown(string subject, string path) => new(subject, FindingState.Unknown, $"not known: {path} is absent or cannot be read.");

    /// <summary>A kernel setting that may be larger than needed.</summary>
    /// <param name="files">Where it is read.</param>
    /// <param name="subject">Its name, as <c>sysctl</c> has it.</param>
    /// <param name="needed">The least value.</param>
    /// <param name="why">What the needed value is for, in brackets behind it.</param>
    public static Finding AtLeast(HostFiles files, string subject, long needed, string why)
    {
        var path = HostFiles.PathOfSetting(subject);
        return files.Number(path) is { } there ? AtLeast(subject, there, needed, why, needed) : Unknown(subject, path);
    }

    /// <summary>The same, where the value and what is compared differ.</summary>
    public static Finding AtLeast(string subject, long there, long needed, string why, long setting)
    {
        var finding = new Finding(subject, there >= needed ? FindingState.Fine : FindingState.Short, $"{Number(there)}; {Number(needed)} needed ({why}).") { There = there, Needed = needed };
        return there >= needed ? finding : finding.MendedBy(setting.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>With the command that gives the setting a value.</summary>
    public Finding MendedBy(string value) => this with { Setting = value, Mending = [value.Contains(' ', StringComparison.Ordinal) ? $"sysctl -w {Subject}=\"{value}\"" : $"sysctl -w {Subject}={value}"] };

    /// <summary>A number as people read it.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Bytes as people read them.</summary>
    public static string Bytes(long value) => value >= 10L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{value / (double)(1L << 30):N0} GiB") : string.Create(CultureInfo.InvariantCulture, $"{value / (double)(1L << 20):N0} MiB");
}
