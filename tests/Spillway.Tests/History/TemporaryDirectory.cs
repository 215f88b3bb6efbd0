using Spillway.History.Storage;

namespace Spillway.Tests.History;

/// <summary>A directory of its own for a test, gone afterwards.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("spillway-").FullName;

    /// <summary>The only segment file in it.</summary>
    public string Segment => Assert.Single(Segments);

    public string[] Segments => [.. Directory.GetFiles(Path, "*.segment").Order(StringComparer.Ordinal)];

    /// <summary>Another directory with the same files, as a crash at this moment would leave them in this one: not a copy, as far as a history can tell.</summary>
    public TemporaryDirectory Copy()
    {
        var copy = new TemporaryDirectory();
        CopyTo(copy);
        using var state = StateFile.Open(new RealDisk(copy.Path));
        if (state.Last is { } last)
        {
            state.Write(last); // Names the file that it is in now.
        }

        return copy;
    }

    /// <summary>Copies all files into another directory, also over those that are there.</summary>
    public void CopyTo(TemporaryDirectory other)
    {
        foreach (var file in Directory.GetFiles(Path))
        {
            var name = System.IO.Path.GetFileName(file);
            if (name != "lock")
            {
                File.Copy(file, System.IO.Path.Combine(other.Path, name), overwrite: true);
            }
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
