namespace Spillway.Tests.History;

/// <summary>A directory of its own for a test, gone afterwards.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("spillway-").FullName;

    /// <summary>The only segment file in it.</summary>
    public string Segment => Assert.Single(Segments);

    public string[] Segments => [.. Directory.GetFiles(Path, "*.segment").Order(StringComparer.Ordinal)];

    /// <summary>Another directory with the same files, as a crash at this moment would leave them.</summary>
    public TemporaryDirectory Copy()
    {
        var copy = new TemporaryDirectory();
        foreach (var file in Directory.GetFiles(Path))
        {
            var name = System.IO.Path.GetFileName(file);
            if (name != "lock")
            {
                File.Copy(file, System.IO.Path.Combine(copy.Path, name));
            }
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
