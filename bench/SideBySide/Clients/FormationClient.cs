using System.Text;
using System.Text.Json;

namespace Failover.Bench.SideBySide.Clients;

/// <summary>Writes through one node of ours: HTTP and JSON, as every user of it does.</summary>
internal sealed class FormationClient(string endpoint) : IStoreClient
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(endpoint) };

    public async Task<long?> Write(string key, string value, CancellationToken cancellation)
    {
        using var body = new StringContent($$"""{"value":"{{value}}"}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync($"/kv-store/v1/kv/{key}", body, cancellation).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            return null;
        var written = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        using var document = JsonDocument.Parse(written);
        return document.RootElement.GetProperty("epoch").GetInt64();
    }

    public void Dispose() => _http.Dispose();
}
