using System.Text.Json;
using Spillway.Client;
using Spillway.Client.Http;

namespace Spillway.Cli.Admin;

/// <summary>Reads the hub's admin endpoints.</summary>
/// <param name="http">Connections to the hub; disposed with this.</param>
/// <param name="command">How the command is called.</param>
internal sealed class AdminReader(HttpClient http, string command) : IDisposable
{
    /// <summary>How long a request may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private Uri Hub => http.BaseAddress!.AbsolutePath.EndsWith('/') ? http.BaseAddress : new Uri(http.BaseAddress.GetLeftPart(UriPartial.Path) + "/");

    /// <exception cref="SpillwayException">The hub refused, could not be reached, or is none.</exception>
    public async Task<JsonElement> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(Hub, path), cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw await Problem.ReadAsync(response, cancellationToken);
            }

            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SpillwayException($"The hub at {Hub} cannot be read: {e.Message.TrimEnd('.')}. Start one with '{command} serve', or name another with --hub.", e);
        }
    }

    public void Dispose() => http.Dispose();
}
