/**
 * What words cannot tell of the tables that frameworks make: by table, the columns that hold credentials, and with a minus those that
 * only sound like it. A table with conditions is one that has those columns; one that begins with a star may have any prefix.
 */
const SCHEMAS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Rails: {
    'sessions(session_id,data)': 'session_id data',
    active_storage_blobs: '-key -checksum',
    active_storage_attachments: '-key',
    solid_cache_entries: '-key -value -key_hash',
    jwt_denylist: '-jti',
    users: 'unique_session_id fs_uniquifier',
    oauth_applications: 'secret -uid',
    system_keys: 'key',
    session_activations: 'session_id -access_token_id',
    one_time_keys: '-key',
  },
  Rodauth: {
    account_active_session_keys: 'session_id',
    account_webauthn_keys: '-public_key -webauthn_id',
    account_lockouts: 'key',
    account_sms_codes: 'code',
  },
  Django: {
    django_session: 'session_key session_data',
    authtoken_token: 'key',
    account_emailconfirmation: 'key',
    mfa_authenticator: 'data',
    socialaccount_socialapp: 'secret key -client_id',
    socialaccount_socialaccount: '-uid -extra_data',
    otp_totp_totpdevice: 'key',
    otp_hotp_hotpdevice: 'key',
    otp_email_emaildevice: 'key token',
    otp_twilio_twiliosmsdevice: 'key token',
    otp_yubikey_yubikeydevice: 'private_id',
    otp_static_statictoken: 'token',
    two_factor_phonedevice: 'key',
    invitations_invitation: 'key',
    registration_registrationprofile: 'activation_key',
    knox_authtoken: 'digest salt -token_key',
    oauth2_provider_grant: 'code -code_challenge -nonce',
    oauth2_provider_accesstoken: 'token token_checksum',
    oauth2_provider_refreshtoken: 'token -token_family',
    rest_framework_api_key_apikey: 'hashed_key -id -prefix',
    drfpasswordless_callbacktoken: 'key',
    social_auth_usersocialauth: 'extra_data',
    social_auth_partial: 'token data',
    social_auth_code: 'code',
    social_auth_association: 'secret -handle',
    confirmation_confirmation: 'confirmation_key',
  },
  Laravel: {
    'sessions(payload,last_activity)': 'id payload',
    'sessions(payload)': 'payload',
    jobs: '-payload',
    failed_jobs: '-payload',
    cache: '-key -value',
    passkeys: '-credential_id -data',
    connected_accounts: 'token secret refresh_token',
    oauth_device_codes: 'user_code',
    mfa_values: 'value',
  },
  Authentication: {
    // Auth.js, better-auth, Lucia
    authenticator: '-credentialPublicKey -credentialID',
    passkey: '-publicKey -credentialID',
    verification: 'value',
    verifications: 'value',
    apikey: 'key -start -prefix',
    'user_session(user_id,active_expires)': 'id',
    'session(userId,expiresAt)': 'token',
  },
  Supabase: {
    refresh_tokens: 'token parent',
    one_time_tokens: 'token_hash -relates_to',
    flow_state: 'auth_code provider_access_token provider_refresh_token -code_challenge',
    mfa_challenges: 'otp_code',
    mfa_factors: 'secret',
  },
  Payload: { 'users_sessions(_parent_id,id)': 'id' },
  Ghost: { tokens: 'token data', brute: '-key' },
  WordPress: {
    '*signups': 'activation_key',
    '*woocommerce_api_keys': 'consumer_key consumer_secret -truncated_key',
    '*woocommerce_sessions': 'session_key session_value -session_id',
    '*woocommerce_payment_tokens': 'token',
  },
  Drupal: {
    'sessions(sid,session)': 'sid ssid session',
    oauth2_token: 'value',
    users_field_data: 'pass',
  },
  Joomla: {
    '*users(lastResetTime,activation)': 'activation otpKey otep',
    '*user_keys': 'token series',
    '*user_mfa': 'options',
  },
  Symfony: { reset_password_request: 'hashed_token selector', rememberme_token: 'series value' },
  'ASP.NET': {
    AspNetUserTokens: 'Value',
    AspNetUsers: 'PasswordHash SecurityStamp -ConcurrencyStamp',
    AspNetUserLogins: '-ProviderKey',
    OpenIddictTokens: 'Payload ReferenceId',
    PersistedGrants: 'Key Data',
    DeviceCodes: 'DeviceCode UserCode Data',
    ClientSecrets: 'Value',
    ApiSecrets: 'Value',
    ApiResourceSecrets: 'Value',
    DataProtectionKeys: 'Xml',
    'Keys(DataProtected)': 'Data',
  },
  PocketBase: {
    _params: 'value',
    _externalAuths: '-providerId -provider',
    _authOrigins: '-fingerprint',
    _otps: 'password -sentTo',
  },
  Gitea: {
    'user(passwd,rands)': 'passwd rands salt',
    login_source: 'cfg',
    email_hash: '-hash',
    'session(key,data,expiry)': 'key data',
    'webhook(meta)': 'secret meta',
    access_token: 'token_hash token_salt -token_last_eight',
    oauth2_grant: '-nonce',
    forgejo_auth_token: 'hashed_validator lookup_key',
    two_factor: 'secret scratch_salt scratch_hash last_used_passcode',
  },
  Grafana: {
    'user(rands,salt)': 'password salt rands',
    temp_user: 'code',
    data_keys: 'encrypted_data',
    dashboard_snapshot: 'key delete_key',
    sso_setting: 'settings',
    alert_configuration: 'alertmanager_configuration',
    plugin_setting: 'secure_json_data',
    data_source: 'secure_json_data password basic_auth_password -basic_auth -basic_auth_user',
  },
  n8n: { credentials_entity: 'data', shared_credentials: '-credentialsId' },
  Vaultwarden: {
    twofactor: 'data',
    devices: 'refresh_token push_token twofactor_remember -push_uuid',
    'users(akey,security_stamp)': 'totp_recover stamp_exception akey salt',
    emergency_access: 'key_encrypted',
    auth_requests: 'access_code enc_key master_password_hash',
    ciphers: 'key',
  },
  Keycloak: {
    credential: 'secret_data salt value -credential_data',
    fed_user_credential: 'secret_data salt value -credential_data',
    client: 'secret registration_token',
    offline_client_session: '-data',
    offline_user_session: '-data',
  },
  Spring: {
    spring_session: 'SESSION_ID -PRIMARY_ID',
    spring_session_attributes: 'ATTRIBUTE_BYTES',
    persistent_logins: 'token series',
  },
  Flask: { user: 'fs_uniquifier fs_token_uniquifier unique_session_id' },
  Discourse: { user_second_factors: 'data', api_keys: 'key key_hash -truncated_key', unsubscribe_keys: 'key' },
  Synapse: {
    server_signature_keys: '-verify_key',
    e2e_one_time_keys_json: '-key_json',
    e2e_room_keys: '-session_id -session_data',
    pushers: 'pushkey',
    ui_auth_sessions: 'session_id',
  },
  Mattermost: {
    incomingwebhooks: 'Id',
    'sessions(token,deviceid)': 'Token -Id',
    oauthauthdata: 'Code',
    oauthaccessdata: 'Token RefreshToken',
  },
  Hydra: {
    hydra_oauth2_access: 'signature session_data form_data',
    hydra_oauth2_refresh: 'signature session_data form_data',
    hydra_oauth2_code: 'signature session_data form_data',
    hydra_oauth2_oidc: 'signature session_data form_data',
    hydra_oauth2_pkce: 'signature session_data form_data',
    hydra_jwk: 'keydata',
  },
  Kratos: {
    identity_credentials: 'config',
    session_token_exchanges: 'init_code return_to_code',
    continuity_containers: 'payload',
    identity_verifiable_addresses: 'code',
  },
  // Applications that people run for themselves
  phpBB: {
    '*users(user_actkey)': 'user_actkey user_form_salt',
    '*sessions(session_id,session_user_id)': 'session_id',
    '*sessions_keys': 'key_id',
  },
  Magento: { customer_entity: 'confirmation', oauth_token: 'verifier', oauth_consumer: 'key' },
  MyBB: { '*awaitingactivation': 'code' },
  XenForo: { '*user_authenticate': 'data' },
  Coolify: { 's3_storages(bucket,key)': 'key secret' },
  Pleroma: { 'users(ap_id,keys)': 'keys multi_factor_authentication_settings' },
  PeerTube: { 'user(pluginAuth)': 'pluginAuth' },
  'Spring Authorization Server': { oauth2_authorization: 'user_code_value' },
  Liferay: { 'User_(digest)': 'digest', Ticket: 'key_' },
  LibreNMS: { 'devices(authpass,cryptopass)': 'community' },
  TYPO3: { be_sessions: 'ses_id ses_data', fe_sessions: 'ses_id ses_data' },
  Roundcube: { '*session(sess_id,vars)': 'sess_id vars' },
  Kanboard: { remember_me: 'token sequence' },
  Healthchecks: { api_project: 'api_key api_key_readonly ping_key badge_key' },
  OpenCart: {
    '*user(salt,code)': 'code salt',
    '*customer(safe,code)': 'code salt',
    '*api(username,key)': 'key',
  },
  PrestaShop: { '*webservice_account': 'key' },
  Spree: { spree_payments: '-cvv_response_code -cvv_response_message -avs_response' },
  Drone: { 'repos(repo_signer)': 'repo_secret repo_signer' },
  Metabase: { core_session: 'id key_hashed anti_csrf_token', metabase_database: 'details' },
  Superset: { dbs: 'password encrypted_extra sqlalchemy_uri' },
  Authelia: {
    totp_configurations: 'secret',
    oauth2_device_code_session: 'signature user_code_signature',
    one_time_code: 'signature code',
  },
  Miniflux: { acme_cache: 'data', entries: '-hash' },
  Airflow: { 'connection(conn_id)': 'password extra', 'variable(key,val)': 'val' },
  Redash: { data_sources: 'encrypted_options' },
  NocoDB: { nc_sources_v2: 'config', nc_integrations_v2: 'config' },
  Nextcloud: { '*authtoken': 'token password private_key -public_key', '*twofactor_backupcodes': 'code' },
  Immich: { shared_link: 'key password', shared_links: 'key password' },
  Authentik: { authentik_core_token: 'key', authentik_crypto_certificatekeypair: 'key_data' },
  Sentry: {
    auth_authenticator: 'config',
    sentry_projectkey: 'secret_key -public_key',
    sentry_lostpasswordhash: 'hash',
    sentry_authidentity: 'data',
  },
  Deployments: { env_vars: 'value', environment_variables: 'value' },
  'Uptime Kuma': { 'notification(config)': 'config' },
};

interface Rule {
  readonly anyPrefix: boolean;
  readonly needs: readonly string[];
  /** By column: whether it holds a credential. */
  readonly says: ReadonlyMap<string, boolean>;
}

/** The same table is written `AspNetUserTokens`, `asp_net_user_tokens` and `"auth"."users"`. */
const plain = (name: string) => (name.split('.').at(-1) ?? '').replace(/(?<=.)_/g, '').toLowerCase();

const RULES: ReadonlyMap<string, readonly Rule[]> = rulesByTable();

function rulesByTable(): ReadonlyMap<string, readonly Rule[]> {
  const rules = new Map<string, Rule[]>();
  for (const [heading, text] of Object.values(SCHEMAS).flatMap((tables) => Object.entries(tables))) {
    const [name = '', needs = ''] = heading.replace(')', '').split('(');
    const says = text.split(' ').map((word) => [plain(word.replace('-', '')), !word.startsWith('-')] as const);
    const table = plain(name.replace('*', ''));
    const rule = {
      anyPrefix: name.startsWith('*'),
      needs: needs.split(',').filter((each) => each !== ''),
      says: new Map(says),
    };
    rules.set(table, [...(rules.get(table) ?? []), rule]);
  }
  return rules;
}

/** What is known of a column from its table; undefined where nothing is. */
export function saidOfSchemas(table: string, column: string, columns: readonly string[] = []): boolean | undefined {
  const has = (name: string) => columns.some((each) => each.toLowerCase() === name.toLowerCase());
  const own = RULES.get(plain(table)) ?? [];
  const prefixed = RULES.get(plain(table.replace(/^[a-z0-9]+_/i, '')))?.filter(({ anyPrefix }) => anyPrefix) ?? [];
  return [...own, ...prefixed]
    .filter(({ needs }) => needs.every(has))
    .map(({ says }) => says.get(plain(column)))
    .find((said) => said !== undefined);
}
