namespace Spillway.Ingress;

/// <summary>Whose ids are whose.</summary>
internal static class Publishers
{
    /// <summary>Everyone, as long as nobody needs a grant: on an open hub, and from inside the process.</summary>
    public const string Anyone = "";
}
