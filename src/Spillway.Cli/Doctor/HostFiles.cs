using System.Globalization;
using System.Text;

namespace Spillway.Cli.Doctor;

/// <summary>The files in which a system describes itself. What is absent, unreadable or malformed is null: a host is never refused an answer for it.</summary>
/// <param name="root">Where they begin: <c>/</c>, but in tests.</param>
internal sealed class HostFiles(string root)
{
    private const int MostBytes = 64 * 1024; // What is read here takes a few hundred; /proc does not say beforehand.

    /// <summary>Where a kernel setting is.</summary>
    public static string PathOfSetting(string name) => "/proc/sys/" + name.Replace('.', '/');

    /// <summary>Whether there is such a file or folder.</summary>
    public bool Exists(string path) => Path.Exists(Locate(path));

    /// <summary>The text of a file.</summary>
    public string? Text(string path)
    {
        try
        {
            using var file = new FileStream(Locate(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var bytes = new byte[MostBytes];
            var length = file.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The number that a file holds and nothing else.</summary>
    public long? Number(string path) => Numbers(path, 1)?[0];

    /// <summary>So many numbers, divided by white space.</summary>
    public long[]? Numbers(string path, int count)
    {
        var words = Words(Text(path));
        var numbers = words.Select(ToNumber).ToArray();
        return numbers.Length == count && numbers.All(static number => number is not null) ? [.. numbers.Select(static number => number!.Value)] : null;
    }

    /// <summary>The words behind the beginning of a line: <c>MemTotal:</c>, <c>Max open files</c>.</summary>
    public string[]? WordsBehind(string path, string beginning) =>
        Text(path)?.Split('\n').FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } line ? Words(line[beginning.Length..]) : null;

    /// <summary>A number without a sign; what is larger than a long can tell is the largest one.</summary>
    public static long? ToNumber(string word) => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (long)Math.Min(number, long.MaxValue) : null;

    private static string[] Words(string? text) => text?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];

    private string Locate(string path) => Path.Combine(root, path.TrimStart('/'));
}
