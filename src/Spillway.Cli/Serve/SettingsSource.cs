namespace Spillway.Cli.Serve;

/// <summary>Where settings come from, to be read at the start and again later.</summary>
/// <param name="Environment">All environment variables.</param>
/// <param name="File">The file named by <c>--config</c>; null for none.</param>
/// <param name="Options">Values of the command line by key; null for options that were not given.</param>
internal sealed record SettingsSource(IReadOnlyDictionary<string, string> Environment, string? File, IReadOnlyDictionary<string, string?> Options)
{
    /// <exception cref="UsageException">Something is wrong; it says everything that is.</exception>
    public ServeSettings Read() => SettingsReader.Read(Environment, File, Options);
}
