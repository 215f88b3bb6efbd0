using System.Text.Json;
using Spillway.Client;
using Spillway.Client.Http;

namespace Spillway.Cli.Admin;

/// <summary>Reads the hub's admin endpoints.</summary>
internal sealed class AdminReader(Uri hub, string command) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = hub.AbsolutePath.EndsWith('/') ? hub : new Uri(hub.GetLeftPart(UriPartial.Path) + "/"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <exception cref="SpillwayException">The hub refused, could not be reached, or is none.</exception>
    public async Task<JsonElement> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(path, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw await Problem.ReadAsync(response, cancellationToken);
            }

            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SpillwayException($"The hub at {_http.BaseAddress} cannot be read: {e.Message.TrimEnd('.')}. Start one with '{command} serve', or name another with --hub.", e);
        }
    }

    public void Dispose() => _http.Dispose();
}
