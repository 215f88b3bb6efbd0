using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.History;
using Spillway.Operations;
using Spillway.TestKit;

namespace Spillway.Tests.Operations;

/// <summary>A request to one of the endpoints of operations, without a server.</summary>
internal sealed class OperationsRequest
{
    public OperationsRequest(IHistory history, string query = "")
    {
        var services = new ServiceCollection();
        services.AddLogging();
        OperationsEndpoints.AddServices(services);
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IHubStatus>(new FixedHubStatus(17, Clock.GetUtcNow()));
        services.AddSingleton<IBackplane>(Backplane = new FixedBackplane(history));
        services.AddSingleton(Options.Create(Settings));
        Context = new DefaultHttpContext { RequestServices = services.BuildServiceProvider() };
        Context.Request.QueryString = new QueryString(query);
        Context.Response.Body = new MemoryStream();
    }

    public ManualTimeProvider Clock { get; } = new();

    public FixedBackplane Backplane { get; }

    public SpillwayOptions Settings { get; } = new();

    public DefaultHttpContext Context { get; }

    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    private byte[] Body => ((MemoryStream)Context.Response.Body).ToArray();

    public T Service<T>()
        where T : notnull => Context.RequestServices.GetRequiredService<T>();
}
