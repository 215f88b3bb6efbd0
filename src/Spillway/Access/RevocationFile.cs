using System.Globalization;
using System.Text.Json;

namespace Spillway.Access;

/// <summary>The file in which revocations outlive the process: one JSON object, written whole into a new file that takes the old one's place.</summary>
/// <param name="directory">Where it is.</param>
/// <param name="sync">Has the system write a directory's names to the disk.</param>
internal sealed class RevocationFile(string directory, Action<string> sync)
{
    /// <summary>Its name.</summary>
    public const string Name = "revocations.json";

    private readonly string _path = Path.Combine(directory, Name);

    /// <summary>All that is in it; nothing where there is no file.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read: whoever goes on without it lets in who was to be kept out.</exception>
    public IReadOnlyList<Revocation> Read()
    {
        if (!File.Exists(_path))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(_path));
            return [.. document.RootElement.GetProperty("revocations"u8).EnumerateArray().Select(Read)];
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"The file \"{_path}\" cannot be read ({fault.Message}): it says which credentials were taken back. Restore it; or, if they may all be good again, take it away.", fault);
        }
    }

    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(IEnumerable<Revocation> all)
    {
        try
        {
            var next = _path + ".next";
            using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                Write(all, file);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, _path, overwrite: true);
            sync(directory);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new IOException(fault.Message, fault);
        }
    }

    private static Revocation Read(JsonElement one) => new(
        Enum.Parse<RevocationKind>(one.GetProperty("kind"u8).GetString()!, ignoreCase: true), one.GetProperty("name"u8).GetString()!, TimeOf(one.GetProperty("at"u8)),
        one.TryGetProperty("until"u8, out var until) ? TimeOf(until) : null);

    private static DateTimeOffset TimeOf(JsonElement time) => DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static void Write(IEnumerable<Revocation> all, Stream file)
    {
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteStartArray("revocations"u8);
        foreach (var one in all)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, one.Kind.ToString().ToLowerInvariant());
            json.WriteString("name"u8, one.Name);
            json.WriteString("at"u8, one.At.ToString("O", CultureInfo.InvariantCulture));
            if (one.Until is { } until)
            {
                json.WriteString("until"u8, until.ToString("O", CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
