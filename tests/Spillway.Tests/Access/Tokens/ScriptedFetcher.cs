using System.Text;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Tokens;

/// <summary>An issuer that answers as a test says, and when it says so.</summary>
internal sealed class ScriptedFetcher : IKeyFetcher
{
    private readonly SemaphoreSlim _may = new(0);

    public string Place => "https://issuer.example/keys";

    /// <summary>What it publishes; null: it is out of order.</summary>
    public string? Content { get; set; } = "{\"keys\":[]}";

    /// <summary>Whether it answers only when <see cref="Answer"/> is called.</summary>
    public bool Waits { get; set; }

    public int Calls { get; private set; }

    public bool IsDisposed { get; private set; }

    public void Answer() => _may.Release();

    public async Task<KeyFetch> FetchAsync(CancellationToken cancellationToken)
    {
        Calls++;
        if (Waits)
        {
            await _may.WaitAsync(cancellationToken);
        }

        return Content is { } content ? new KeyFetch(Encoding.UTF8.GetBytes(content), "") : new KeyFetch(null, "answers 503");
    }

    public void Dispose()
    {
        IsDisposed = true;
        _may.Dispose();
    }
}
