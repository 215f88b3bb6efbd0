namespace Spillway.Tests.PublicApi;

/// <summary>One member of each kind, for the test of the printer.</summary>
public abstract class Sample : IDisposable
{
    public const long E = 5;

    public static readonly byte[] L = [];

    protected Sample(string b) => J = [b];

    public event EventHandler? F;

    public static int? K => 1;

    public required IReadOnlyList<string?> J { get; init; }

    public abstract Task<string?> D();

    public virtual void Dispose()
    {
        F?.Invoke(this, EventArgs.Empty);
        GC.SuppressFinalize(this);
    }

    protected virtual bool G(ref int h, out string i, string? j = "k")
    {
        i = j ?? "";
        return h == 0;
    }

    internal void M() => Dispose();

    private protected void N() => Dispose();
}
